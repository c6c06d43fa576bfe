using System.Text.Json.Nodes;
using V4Agents.Simulator.Scenarios;
using V4Agents.Simulator;
using Xunit;

namespace V4Agents.Adapters.Tests.Simulator;

public sealed class DemoScenarioTests
{
    private static readonly string Demo = Path.Combine(Root(), "workflows", "demo");

    [Fact]
    public async Task DemoScenario_WhenTheSimulatorStarts_Loads()
    {
        var options = new SimulatorOptions { ScenarioFile = Path.Combine(Demo, "scenario.yaml") };

        await using var simulator = await SimulatorHost.StartAsync(options, TestContext.Current.CancellationToken);

        Assert.StartsWith("http://127.0.0.1:", simulator.Url);
    }

    [Fact]
    public async Task DemoScenario_WhenItsEditIsApplied_FindsTheOldTextExactlyOnceAndFitsTheIssue()
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        var scenario = new ScenarioReader("demo").Read(await File.ReadAllTextAsync(Path.Combine(Demo, "scenario.yaml"), cancellationToken)).Single();
        Assert.True(scenario.Fits(await File.ReadAllTextAsync(Path.Combine(Demo, "issue.md"), cancellationToken)));
        var edit = JsonNode.Parse(
            scenario.Roles[Scenario.Solver].SelectMany(turn => turn.ToolCalls).Single(call => call.Name == "edit").Arguments)!;

        var text = await File.ReadAllTextAsync(Path.Combine(Demo, "repository", edit["path"]!.GetValue<string>()), cancellationToken);

        Assert.Equal(2, text.Split(edit["old_string"]!.GetValue<string>()).Length);
        Assert.Equal("submit", scenario.Roles[Scenario.Solver][^1].ToolCalls.Single().Name);
    }

    private static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "V4Agents.sln")))
        {
            folder = folder.Parent ?? throw new DirectoryNotFoundException("No V4Agents.sln above the tests.");
        }

        return folder.FullName;
    }
}
