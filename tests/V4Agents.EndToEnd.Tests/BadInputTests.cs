using V4Agents.EndToEnd.Tests.World;
using Xunit;

namespace V4Agents.EndToEnd.Tests;

/// <summary>Each kind of bad input: a message that says what was wrong and what to do, an exit code of its own, and nothing left behind.</summary>
public sealed class BadInputTests
{
    [Theory]
    [InlineData("/no/such/place", "main", 10, "/no/such/place")]
    [InlineData("{empty folder}", "main", 11, "not a git repository")]
    [InlineData("{empty repository}", null, 12, "no commits")]
    [InlineData("{repository}", "no-such-branch", 13, "no-such-branch")]
    public async Task Submit_WhenTheRepositoryCannotBeUsed_SaysWhy(string repository, string? reference, int exitCode, string says)
    {
        using var good = await GitFolder.CreateAsync(Scripts.Repository);
        using var empty = await GitFolder.CreateAsync();
        var folder = Directory.CreateTempSubdirectory("v4 no repo ");
        await using var house = await House.CreateAsync(Scripts.GreenPatch());
        var path = repository switch { "{repository}" => good.Path, "{empty repository}" => empty.Path, "{empty folder}" => folder.FullName, _ => repository };
        string[] arguments = ["submit", "--repo", path, "--issue", "It breaks.", "--check", "true", "--wait", .. reference is null ? Array.Empty<string>() : ["--ref", reference]];

        var ran = await house.V4Async(arguments);

        folder.Delete();
        Assert.True(ran.ExitCode == exitCode, ran.ToString());
        Assert.Contains(says, ran.Error, StringComparison.OrdinalIgnoreCase);
        Assert.Empty(house.Simulator.Requests);
        Assert.Contains("\"items\": []", (await house.V4Async("list", "--json")).Output.Replace("\"items\":[]", "\"items\": []", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Submit_WhenTheIssueIsEmpty_SaysSo()
    {
        using var repository = await GitFolder.CreateAsync(Scripts.Repository);
        await using var house = await House.CreateAsync(Scripts.GreenPatch());

        var ran = await house.V4Async("submit", "--repo", repository.Path, "--issue", " \n ", "--check", "true", "--wait");

        Assert.True(ran.ExitCode == 15, ran.ToString());
        Assert.Contains("issue is empty", ran.Error, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Submit_WhenTheWorkflowFileIsWrong_NamesTheLine()
    {
        using var repository = await GitFolder.CreateAsync(Scripts.Repository);
        await using var house = await House.CreateAsync(Scripts.GreenPatch());
        var file = Path.Combine(house.Home, "mine.yaml");
        await File.WriteAllTextAsync(file, "name: mine\nbudget:\n  steps: many\n");

        var ran = await house.V4Async("submit", "--repo", repository.Path, "--issue", "x", "--check", "true", "--workflow", file, "--wait");

        Assert.True(ran.ExitCode == 16, ran.ToString());
        Assert.Contains("line 3", ran.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Submit_WhenTheEngineDoesNotRun_SaysWhatToDo()
    {
        using var repository = await GitFolder.CreateAsync(Scripts.Repository);
        await using var house = await House.CreateAsync(Scripts.GreenPatch(), ("DOCKER_HOST", "unix:///no/such/docker.sock"));

        var ran = await house.V4Async("submit", "--repo", repository.Path, "--issue", "x", "--check", "true", "--wait");

        Assert.True(ran.ExitCode == 20, ran.ToString());
        Assert.Contains("/no/such/docker.sock", ran.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Submit_WhenTheDatabaseDoesNotAnswer_SaysWhatToDo()
    {
        using var repository = await GitFolder.CreateAsync(Scripts.Repository);
        await using var house = await House.CreateAsync(Scripts.GreenPatch(), ("V4_DATABASE", "Host=127.0.0.1;Port=1;Username=nobody;Database=none"));

        var ran = await house.V4Async("submit", "--repo", repository.Path, "--issue", "x", "--check", "true", "--wait");

        Assert.True(ran.ExitCode == 21, ran.ToString());
        Assert.Contains("database", ran.Error, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Submit_WithoutAKey_NamesTheVariables()
    {
        using var repository = await GitFolder.CreateAsync(Scripts.Repository);
        await using var house = await House.CreateAsync(Scripts.GreenPatch(), ("V4_MODEL_URL", ""), ("V4_MODEL_KEY", ""));

        var ran = await house.V4Async("submit", "--repo", repository.Path, "--issue", "x", "--check", "true", "--wait");

        Assert.True(ran.ExitCode == 30, ran.ToString());
        Assert.Contains("DEEPSEEK_API_KEY", ran.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("V4_MODEL_KEY", "sk-wrong", 31, "V4_MODEL_KEY")]
    [InlineData("V4_MODEL_URL", "http://127.0.0.1:9", 33, "127.0.0.1:9")]
    public async Task Submit_WhenTheEndpointIsBad_FailsOnTheFirstCall(string variable, string value, int exitCode, string says)
    {
        using var repository = await GitFolder.CreateAsync(Scripts.Repository);
        await using var house = await House.CreateAsync(Scripts.GreenPatch(), (variable, value));

        var ran = await house.V4Async("submit", "--repo", repository.Path, "--issue", "x", "--check", "true", "--wait");

        Assert.True(ran.ExitCode == exitCode, ran.ToString());
        Assert.Contains(says, ran.Error + ran.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("sk-wrong", ran.Error + ran.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Submit_WhenTheAccountHasNoBalance_SaysSo()
    {
        using var repository = await GitFolder.CreateAsync(Scripts.Repository);
        await using var house = await House.CreateAsync("""
            scenarios:
              - name: poor
                triage: [{content: "{}", fault: {status: 402, times: 99}}]
                solver: [{content: "{}", fault: {status: 402, times: 99}}]
            """);

        var ran = await house.V4Async("submit", "--repo", repository.Path, "--issue", "x", "--check", "true", "--wait");

        Assert.True(ran.ExitCode == 32, ran.ToString());
        Assert.Contains("balance", ran.Error + ran.Output, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Submit_WhenTheCheckCommandDoesNotExist_EndsBeforeAnyMoneyIsSpent()
    {
        using var repository = await GitFolder.CreateAsync(Scripts.Repository);
        await using var house = await House.CreateAsync(Scripts.GreenPatch());

        var ran = await house.V4Async("submit", "--repo", repository.Path, "--issue", "x", "--check", "no-such-tool --all", "--wait");

        Assert.True(ran.ExitCode == 40, ran.ToString());
        Assert.Contains("no-such-tool", ran.Error + ran.Output, StringComparison.Ordinal);
        Assert.Empty(house.Simulator.Requests);
    }

    [Fact]
    public async Task Submit_WithoutACheck_IsAUsageError()
    {
        await using var house = await House.CreateAsync(Scripts.GreenPatch());

        var ran = await house.V4Async("submit", "--repo", "/tmp", "--issue", "x");

        Assert.True(ran.ExitCode == 2, ran.ToString());
        Assert.Contains("--check", ran.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Show_OfAnUnknownTask_SaysSo()
    {
        await using var house = await House.CreateAsync(Scripts.GreenPatch());

        var ran = await house.V4Async("show", "t-abcdefghijklmnopqrst");

        Assert.True(ran.ExitCode == 50, ran.ToString());
    }
}
