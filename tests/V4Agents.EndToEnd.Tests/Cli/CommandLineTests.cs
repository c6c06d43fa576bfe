using V4Agents.Cli;
using V4Agents.Cli.Commands;
using V4Agents.Cli.Output;
using Xunit;

namespace V4Agents.EndToEnd.Tests.Cli;

public sealed class CommandLineTests
{
    [Theory]
    [InlineData("--check is missing", "submit", "--repo", "/r", "--issue", "x")]
    [InlineData("--issue", "submit", "--repo", "/r", "--check", "true")]
    [InlineData("--repo", "submit", "--issue", "x", "--check", "true")]
    [InlineData("many", "submit", "--repo", "/r", "--issue", "x", "--check", "true", "--steps", "many")]
    [InlineData("90 minutes", "submit", "--repo", "/r", "--issue", "x", "--check", "true", "--wall", "90 minutes")]
    [InlineData("/no/such.yaml", "submit", "--repo", "/r", "--issue", "x", "--check", "true", "--workflow", "/no/such.yaml")]
    [InlineData("no issue file '/no/such'", "submit", "--repo", "/r", "--issue", "/no/such", "--check", "true")]
    [InlineData("no issue file '/here/issue.md'", "submit", "--repo", "/r", "--issue", "issue.md", "--check", "true")]
    [InlineData("no issue file '/'", "submit", "--repo", "/r", "--issue", "/", "--check", "true")]
    [InlineData("--key holds", "submit", "--repo", "/r", "--issue", "x", "--check", "true", "--key", "a\nb")]
    [InlineData("show", "show")]
    [InlineData("frobnicate", "frobnicate")]
    [InlineData("ftp://x", "list", "--server", "ftp://x")]
    public async Task Run_WhenTheCommandLineIsWrong_SaysWhatAndEndsWithTwo(string says, params string[] arguments)
    {
        var error = new StringWriter();

        var code = await V4Command.RunAsync(arguments, HostWith(error));

        Assert.Equal((int)ExitCode.Usage, code);
        Assert.Contains(says, error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_WhenTheServerDoesNotAnswer_EndsWithItsCode()
    {
        var error = new StringWriter();

        var code = await V4Command.RunAsync(["list", "--server", "http://127.0.0.1:9"], HostWith(error));

        Assert.Equal((int)ExitCode.ServerUnreachable, code);
        Assert.Contains("http://127.0.0.1:9/ does not answer", error.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("project", "/here/project")]
    [InlineData("../project", "/project")]
    [InlineData("/absolute", "/absolute")]
    [InlineData("https://example.org/a/b.git", "https://example.org/a/b.git")]
    [InlineData("git@example.org:a/b.git", "git@example.org:a/b.git")]
    public void RepositoryOf_MakesOnlyLocalPathsAbsolute(string given, string expected) =>
        Assert.Equal(expected, SubmitCommand.RepositoryOf(HostWith(TextWriter.Null), given));

    [Theory]
    [InlineData("90s", 1.5)]
    [InlineData("30m", 30)]
    [InlineData("4h", 240)]
    public void Minutes_OfAWallTime_AreExact(string wall, double minutes) => Assert.Equal(minutes, SubmitCommand.Minutes(wall));

    [Fact]
    public void Printable_OfHostileText_HoldsNoControlCharacter() =>
        Assert.Equal("a\uFFFD[2Jb\uFFFDc d", Printable.Line("a\u001b[2Jb\u202Ec\nd"));

    private static CliHost HostWith(TextWriter error) => new(
        new Terminal(TextWriter.Null, console: null), error, TextReader.Null, new Dictionary<string, string> { ["HOME"] = "/nowhere" }, IsRoot: false, "/here",
        TimeProvider.System);
}
