using System.Text;
using V4Agents.Core.Sandboxing;
using V4Agents.Core.Tools;
using Xunit;

namespace V4Agents.Core.Tests.Tools;

public sealed class ToolOutputTests
{
    private static CallResult Result(string output, int exitCode = 0, bool timedOut = false) =>
        new(exitCode, timedOut, Encoding.UTF8.GetBytes(output), output.Length, "/work/.v4/calls/x/output", TimeSpan.FromSeconds(1.5), Interrupted: false, Replayed: false);

    [Fact]
    public void ForModel_OfAShortCommand_IsExitCodeAndOutput() => Assert.Equal("exit code 0\nhello\n", ToolOutput.ForModel("bash", Result("hello\n")));

    [Fact]
    public void ForModel_OfASuccessfulFileTool_IsTheOutputAlone() => Assert.Equal("1\ta\n", ToolOutput.ForModel("view", Result("1\ta\n")));

    [Fact]
    public void ForModel_WhenTimedOutWithExitCodeZero_KeepsBothFacts() => Assert.Equal(
        "exit code 0 (killed: time limit reached after 1.5 s)\n", ToolOutput.ForModel("bash", Result("", timedOut: true)));

    [Fact]
    public void HeadAndTail_OfLongOutput_SaysWhatIsLeftOutAndWhere()
    {
        var output = string.Concat(Enumerable.Range(0, 10_000).Select(i => $"line {i}\n"));

        var shown = ToolOutput.HeadAndTail(output, "/out");

        Assert.StartsWith("line 0\n", shown, StringComparison.Ordinal);
        Assert.EndsWith("line 9999\n", shown, StringComparison.Ordinal);
        Assert.Matches(@"\n\[\.\.\. \d+ lines, \d+ characters left out; the whole output is in /out \.\.\.\]\nline \d+\n", shown);
        Assert.InRange(shown.Length, 10_000, 17_000);
    }

    [Fact]
    public void HeadAndTail_OfOneEndlessLineOfEmoji_NeverSplitsACharacter()
    {
        var shown = ToolOutput.HeadAndTail("x" + string.Concat(Enumerable.Repeat("😀", 20_000)), null);

        Assert.DoesNotContain('�', Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(shown)));
    }
}
