using System.Diagnostics;
using Xunit;
using static V4Agents.Adapters.Tests.Simulator.Requests;

namespace V4Agents.Adapters.Tests.Simulator;

public sealed class ProgramTests
{
    [Fact]
    public async Task Program_WhenTerminated_EndsWithZero()
    {
        using var file = new ScenarioFile(TwoTurns);
        using var simulator = Start("--port", "0", "--scenario", file.Path);
        Assert.Matches(@"^simulator listening on http://127\.0\.0\.1:\d+$", await simulator.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken));

        using var kill = Process.Start("kill", ["-TERM", simulator.Id.ToString()]);
        await simulator.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.Equal((0, ""), (simulator.ExitCode, await simulator.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken)));
    }

    [Fact]
    public async Task Program_WhenItsParentEnds_EndsToo()
    {
        using var file = new ScenarioFile(TwoTurns);
        using var parent = Process.Start(new ProcessStartInfo("cat") { RedirectStandardInput = true })!;
        using var simulator = Start("--scenario", file.Path, "--parent", parent.Id.ToString());
        Assert.NotNull(await simulator.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken));

        parent.StandardInput.Close();
        await simulator.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.Equal(0, simulator.ExitCode);
    }

    [Theory]
    [InlineData(2, "simulator: --scenario is missing", "--port", "0")]
    [InlineData(2, "simulator: unknown option --colour", "--colour", "red")]
    [InlineData(2, "simulator: --port needs a number, not x", "--port", "x")]
    [InlineData(1, "simulator: Could not find file", "--scenario", "/nowhere.yaml")]
    public async Task Program_WhenItCannotStart_SaysWhy(int exitCode, string message, params string[] arguments)
    {
        using var simulator = Start(arguments);
        var error = await simulator.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await simulator.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.Equal(exitCode, simulator.ExitCode);
        Assert.StartsWith(message, error);
    }

    private static Process Start(params string[] arguments) => Process.Start(
        new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "V4Agents.Simulator.dll"), .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;

    private sealed class ScenarioFile : IDisposable
    {
        public ScenarioFile(string text) => File.WriteAllText(Path, text);

        public string Path { get; } = System.IO.Path.GetTempFileName();

        public void Dispose() => File.Delete(Path);
    }
}
