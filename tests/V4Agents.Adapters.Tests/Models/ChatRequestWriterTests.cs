using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using V4Agents.Core.Conversations;
using V4Agents.Models.Wire;
using Xunit;

namespace V4Agents.Adapters.Tests.Models;

public sealed class ChatRequestWriterTests
{
    private static readonly ModelProfile Solver = new("deepseek-v4-pro", "max", 131_072);

    private static readonly ToolDefinition[] Tools =
    [
        new("read_file", "Reads a file.", """{ "type": "object", "properties": { "path": { "type": "string" } }, "required": ["path"] }"""),
        new("list_files", "Lists <all> files.", """{"type":"object","properties":{}}"""),
    ];

    private static readonly ChatMessage[] Conversation =
    [
        new ChatMessage.System("You repair code. \"Quotes\" & <tags> stay, and so do é, 漢字 and 😀."),
        new ChatMessage.User("Make the build green.\nThe log:\t`error CS1002`"),
        new ChatMessage.Assistant("I should look first.", null, [new("call_00_a", "read_file", """{"path":"a.cs"}"""), new("call_01_b", "list_files", "{}")]),
        new ChatMessage.ToolResult("call_00_a", "class A { }"),
        new ChatMessage.ToolResult("call_01_b", "a.cs\nb.cs"),
        new ChatMessage.Assistant(null, "A semicolon is missing.", []),
        new ChatMessage.User("Go on."),
    ];

    [Fact]
    public void Request_WhenItUsesEverything_IsTheGoldenText() =>
        Assert.Equal(Golden("solver-request.json"), Write(Request(Conversation, Tools)));

    [Fact]
    public void Request_WhenNothingThinksAndNothingStreams_IsTheGoldenText() =>
        Assert.Equal(Golden("triage-request.json"), Write(Request(Conversation, []), new ModelProfile("deepseek-flash", "none", 4_096), stream: false));

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Request_WhenTheConversationGrows_BeginsWithThePreviousRequestsBytes(bool withTools)
    {
        var random = new Random(20_261_124);
        for (var round = 0; round < 50; round++)
        {
            var messages = new List<ChatMessage> { RandomMessage(random) };
            var tools = withTools ? Tools : [];
            var previous = Bytes(Request(messages, tools));
            for (var step = 0; step < 20; step++)
            {
                messages.AddRange(Enumerable.Range(0, random.Next(1, 4)).Select(_ => RandomMessage(random)));
                var next = Bytes(Request(messages, tools));

                Assert.EndsWith("]}", Encoding.UTF8.GetString(previous));
                Assert.True(next.AsSpan().StartsWith(previous.AsSpan(0, previous.Length - 2)), $"round {round}, step {step}");
                Assert.Equal((byte)',', next[previous.Length - 2]);
                previous = next;
            }
        }
    }

    [Fact]
    public void Request_WhenAMessageWasStoredAndReadBack_HasTheSameBytes()
    {
        var restored = Conversation.Select(message => MessageCodec.Decode(MessageCodec.Encode(message))).ToList();
        var tools = MessageCodec.DecodeTools(MessageCodec.EncodeTools(Tools));

        Assert.Equal(Write(Request(Conversation, Tools)), Write(Request(restored, tools)));
    }

    [Theory]
    [InlineData("none", """{"thinking":{"type":"disabled"}}""")]
    [InlineData("low", """{"thinking":{"type":"enabled"},"reasoning_effort":"low"}""")]
    [InlineData("high", """{"thinking":{"type":"enabled"},"reasoning_effort":"high"}""")]
    [InlineData("max", """{"thinking":{"type":"enabled"},"reasoning_effort":"max"}""")]
    public void Effort_WhenWritten_IsWhatTheApiCallsIt(string effort, string expected)
    {
        using var json = JsonDocument.Parse(Write(Request(Conversation, Tools), Solver with { Effort = effort }));

        var written = json.RootElement.EnumerateObject().Where(member => member.Name is "thinking" or "reasoning_effort");
        Assert.Equal(expected, "{" + string.Join(',', written.Select(member => $"\"{member.Name}\":{member.Value.GetRawText()}")) + "}");
    }

    [Fact]
    public void Request_WhenItUsesEverything_HasTheDocumentedMembersInOrderAndNoOther()
    {
        using var json = JsonDocument.Parse(Write(Request(Conversation, Tools)));

        Assert.Equal(
            ["model", "thinking", "reasoning_effort", "max_tokens", "stream", "stream_options", "tools", "messages"],
            json.RootElement.EnumerateObject().Select(member => member.Name));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Reasoning_WhenToolsAreSent_IsInEveryAssistantTurnAndElseInNone(bool withTools)
    {
        using var json = JsonDocument.Parse(Write(Request(Conversation, withTools ? Tools : [])));

        var turns = json.RootElement.GetProperty("messages").EnumerateArray().Where(m => m.GetProperty("role").GetString() == "assistant");
        Assert.Equal(
            withTools ? ["I should look first.", ""] : [null, null],
            turns.Select(turn => turn.TryGetProperty("reasoning_content", out var reasoning) ? reasoning.GetString() : null));
    }

    [Fact]
    public void Content_WhenAnAssistantTurnHasNothing_IsEmptyAndNotNull()
    {
        var written = Write(Request([new ChatMessage.Assistant("hm", null, [])], Tools));

        Assert.Contains("""{"role":"assistant","reasoning_content":"hm","content":""}""", written);
    }

    [Fact]
    public void Text_WhenItHoldsHalfACharacter_IsWrittenWithTheReplacementCharacter()
    {
        using var json = JsonDocument.Parse(Write(Request([new ChatMessage.ToolResult("a", "x\ud83dy\0")], Tools)));

        Assert.Equal("x\ufffdy\0", json.RootElement.GetProperty("messages")[0].GetProperty("content").GetString());
    }

    private static ChatMessage RandomMessage(Random random)
    {
        var text = string.Concat(Enumerable.Range(0, random.Next(0, 40)).Select(_ => char.ConvertFromUtf32(random.Next(4) switch
        {
            0 => random.Next(0, 0x80),
            1 => random.Next(0x80, 0xD800),
            2 => random.Next(0xE000, 0x10000),
            _ => random.Next(0x10000, 0x110000),
        })));
        return random.Next(5) switch
        {
            0 => new ChatMessage.System(text),
            1 => new ChatMessage.User(text),
            2 => new ChatMessage.Assistant(random.Next(2) == 0 ? null : text, text, []),
            3 => new ChatMessage.Assistant(text, random.Next(2) == 0 ? null : text, [new(text, "read_file", text)]),
            _ => new ChatMessage.ToolResult("call_00_a", text),
        };
    }

    private static ModelRequest Request(IReadOnlyList<ChatMessage> messages, IReadOnlyList<ToolDefinition> tools) =>
        new(ModelRole.Solver, messages, tools, 32_768);

    private static byte[] Bytes(ModelRequest request) => ChatRequestWriter.Write(request, Solver, stream: true).ToArray();

    private static string Write(ModelRequest request, ModelProfile? profile = null, bool stream = true) =>
        Encoding.UTF8.GetString(ChatRequestWriter.Write(request, profile ?? Solver, stream).Span);

    // Written by hand from the API's reference. One line and no line end, as on the wire; the file ends with one.
    private static string Golden(string name, [CallerFilePath] string here = "") =>
        File.ReadAllText(Path.Combine(Path.GetDirectoryName(here)!, "../../fixtures/wire", name)).TrimEnd('\n');
}
