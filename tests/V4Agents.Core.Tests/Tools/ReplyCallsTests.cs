using V4Agents.Core.Conversations;
using V4Agents.Core.Tools;
using Xunit;

namespace V4Agents.Core.Tests.Tools;

public sealed class ReplyCallsTests
{
    private static (ChatMessage.Assistant Message, IReadOnlyList<ToolCallRef> Calls) Read(params ToolCall[] calls) =>
        ReplyCalls.Read(new ChatMessage.Assistant("why", null, calls), step: 3);

    [Fact]
    public void Read_OfGoodCalls_KeepsEveryByte()
    {
        var (message, calls) = Read(new ToolCall("call_00_a", "bash", """{"command": "ls"}"""));

        Assert.Equal("""{"command": "ls"}""", message.ToolCalls[0].Arguments);
        Assert.Equal("why", message.Reasoning);
        Assert.Equal(new ToolCallRef(new ToolCallId(3, 0), "call_00_a", "bash", Broken: false), calls[0]);
    }

    [Theory]
    [InlineData("{\"command\": \"ls")]
    [InlineData("[1]")]
    [InlineData("ls -la")]
    [InlineData("{\"command\":\"\\ud83d\"}")]
    public void Read_OfBrokenArguments_NeverRunsThemAndNeverReplaysThem(string arguments)
    {
        var (message, calls) = Read(new ToolCall("a", "bash", arguments));

        Assert.True(calls[0].Broken);
        Assert.Equal("{}", message.ToolCalls[0].Arguments);
    }

    [Fact]
    public void Read_OfAnUnknownTool_AnswersWithTheToolsThereAre()
    {
        var (_, calls) = Read(new ToolCall("a", "str_replace_editor", "{}"));

        Assert.True(calls[0].Broken);
        Assert.Contains("bash, edit, search, submit, view, write", ReplyCalls.Refusal(calls[0]), StringComparison.Ordinal);
    }

    [Fact]
    public void Read_OfRepeatedOrMissingIds_GivesEachCallItsOwn()
    {
        var (message, calls) = Read(new ToolCall("a", "bash", "{}"), new ToolCall("a", "bash", "{}"), new ToolCall("", "bash", "{}"));

        Assert.Equal(["a", "call_3_1", "call_3_2"], calls.Select(call => call.ModelId));
        Assert.Equal(["a", "call_3_1", "call_3_2"], message.ToolCalls.Select(call => call.Id));
    }

    [Fact]
    public void Catalog_IsSortedByName() => Assert.Equal(ToolCatalog.All.Select(tool => tool.Name).Order(StringComparer.Ordinal), ToolCatalog.All.Select(tool => tool.Name));

    [Theory]
    [InlineData("""{"command":"ls"}""", 300)]
    [InlineData("""{"command":"ls","timeout_seconds":60}""", 60)]
    [InlineData("""{"command":"ls","timeout_seconds":9999}""", 300)]
    [InlineData("""{"command":"ls","timeout_seconds":"60"}""", 300)]
    [InlineData("""{"command":"ls","timeout_seconds":null}""", 300)]
    public void Timeout_OfWhatAModelWrites_StaysWithinTheWorkflows(string arguments, int seconds) =>
        Assert.Equal(TimeSpan.FromSeconds(seconds), ToolArguments.Timeout(arguments, TimeSpan.FromMinutes(5)));
}
