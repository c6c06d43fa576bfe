using System.Text;
using V4Agents.Adapters.Tests.Models.Http;
using V4Agents.Core.Budgets;
using V4Agents.Core.Conversations;
using Xunit;

namespace V4Agents.Adapters.Tests.Models;

public sealed class StreamedReplyTests
{
    private const string HostedUsage =
        """{"prompt_tokens":30,"prompt_cache_hit_tokens":20,"prompt_cache_miss_tokens":10,"completion_tokens":9,"completion_tokens_details":{"reasoning_tokens":4},"total_tokens":39}""";

    [Fact]
    public async Task Reply_WhenStreamedAsTheHostedApiDoes_HasEveryPart()
    {
        await using var house = new ModelHouse();
        house.Server.Then(Stream(
            Frames.Delta("""{"role":"assistant","content":""}"""),
            Frames.Delta("""{"content":null,"reasoning_content":"think "}"""),
            Frames.Delta("""{"content":null,"reasoning_content":"hard"}"""),
            Frames.Content("I will "),
            Frames.Content("read."),
            Frames.Delta("""{"tool_calls":[{"index":0,"id":"call_00_a","type":"function","function":{"name":"read","arguments":""}}]}"""),
            Frames.Delta("""{"tool_calls":[{"index":0,"id":"call_00_a","function":{"name":"read","arguments":"{\"pa"}}]}"""),
            Frames.Delta("""{"tool_calls":[{"index":0,"id":"","function":{"name":null,"arguments":"th\":1}"}},{"index":1,"id":"call_01_b","function":{"name":"ls","arguments":"{}"}}]}"""),
            Frames.End("tool_calls", HostedUsage),
            Frames.Done));

        var reply = await house.ReplyAsync();

        Assert.Equal(("think hard", "I will read."), (reply.Message.Reasoning, reply.Message.Content));
        Assert.Equal([new ToolCall("call_00_a", "read", """{"path":1}"""), new ToolCall("call_01_b", "ls", "{}")], reply.Message.ToolCalls);
        Assert.Equal(
            (FinishReason.ToolCalls, new Usage(CacheHit: 20, CacheMiss: 10, Output: 9, Reasoning: 4), "deepseek-v4-pro"),
            (reply.Finish, reply.Usage, reply.ServedModel));
    }

    [Theory]
    [InlineData("""{"prompt_tokens":30,"completion_tokens":9,"prompt_tokens_details":{"cached_tokens":12}}""", 12, 18)]
    [InlineData("""{"prompt_tokens":30,"completion_tokens":9,"prompt_tokens_details":null}""", 0, 30)]
    public async Task Usage_WhenInAChunkWithoutChoicesAndWithoutCacheCounts_IsReadAllTheSame(string usage, int hit, int miss)
    {
        await using var house = new ModelHouse();
        house.Server.Then(Stream(
            Frames.Content("a"), Frames.End(), Frames.Data($$"""{"id":"r","model":"m","choices":[],"usage":{{usage}}}"""), Frames.Done));

        Assert.Equal(new Usage(hit, miss, 9, 0), (await house.ReplyAsync()).Usage);
    }

    [Fact]
    public async Task Usage_WhenTheServerCountsNothing_IsNone()
    {
        await using var house = new ModelHouse();
        house.Server.Then(Stream(Frames.Content("a"), Frames.End(), Frames.Done));

        Assert.Equal(Usage.None, (await house.ReplyAsync()).Usage);
    }

    [Fact]
    public async Task Reasoning_WhenCalledByItsOtherName_IsTheSame()
    {
        await using var house = new ModelHouse();
        house.Server.Then(Stream(Frames.Delta("""{"reasoning":"hm"}"""), Frames.End(), Frames.Done));

        Assert.Equal("hm", (await house.ReplyAsync()).Message.Reasoning);
    }

    [Fact]
    public async Task Reply_WhenEmpty_IsAReplyWithNothingInIt()
    {
        await using var house = new ModelHouse();
        house.Server.Then(Stream(Frames.End(), Frames.Done));

        var reply = await house.ReplyAsync();

        Assert.Equal((FinishReason.Stop, null, null, 0), (reply.Finish, reply.Message.Content, reply.Message.Reasoning, reply.Message.ToolCalls.Count));
    }

    [Theory]
    [InlineData("stop", FinishReason.Stop)]
    [InlineData("length", FinishReason.Length)]
    [InlineData("content_filter", FinishReason.ContentFilter)]
    [InlineData("eos_token", FinishReason.Stop)]
    public async Task Finish_WhenWithoutToolCalls_IsMapped(string wire, FinishReason expected)
    {
        await using var house = new ModelHouse();
        house.Server.Then(Stream(Frames.Content("a"), Frames.End(wire), Frames.Done));

        Assert.Equal(expected, (await house.ReplyAsync()).Finish);
    }

    [Fact]
    public async Task Finish_WhenUnknownButToolsAreCalled_IsToolCalls()
    {
        await using var house = new ModelHouse();
        house.Server.Then(Stream(
            Frames.Delta("""{"tool_calls":[{"index":0,"id":"x","function":{"name":"ls","arguments":"{}"}}]}"""), Frames.End("function_call"), Frames.Done));

        Assert.Equal(FinishReason.ToolCalls, (await house.ReplyAsync()).Finish);
    }

    [Fact]
    public async Task ToolCall_WhenItsFragmentsHaveNoIndex_IsPutTogether()
    {
        await using var house = new ModelHouse();
        house.Server.Then(Stream(
            Frames.Delta("""{"tool_calls":[{"id":"x","function":{"name":"ls","arguments":"{\"a\""}}]}"""),
            Frames.Delta("""{"tool_calls":[{"function":{"arguments":":1}"}}]}"""),
            Frames.End("tool_calls"),
            Frames.Done));

        Assert.Equal([new ToolCall("x", "ls", """{"a":1}""")], (await house.ReplyAsync()).Message.ToolCalls);
    }

    [Fact]
    public async Task ToolCalls_WhenTheyShareAnIndex_AreToldApartByTheirIds()
    {
        await using var house = new ModelHouse();
        house.Server.Then(Stream(
            Frames.Delta("""{"tool_calls":[{"index":0,"id":"x","function":{"name":"ls","arguments":"{\"a\""}}]}"""),
            Frames.Delta("""{"tool_calls":[{"index":0,"function":{"arguments":":1}"}}]}"""),
            Frames.Delta("""{"tool_calls":[{"index":0,"id":"y","function":{"name":"read","arguments":"{\"b\""}}]}"""),
            Frames.Delta("""{"tool_calls":[{"index":0,"id":"y","function":{"arguments":":"}}]}"""),
            Frames.Delta("""{"tool_calls":[{"index":0,"id":"","function":{"arguments":"2}"}}]}"""),
            Frames.End("tool_calls"),
            Frames.Done));

        Assert.Equal([new ToolCall("x", "ls", """{"a":1}"""), new ToolCall("y", "read", """{"b":2}""")], (await house.ReplyAsync()).Message.ToolCalls);
    }

    [Fact]
    public async Task ToolCalls_WhenMoreThan32_AreTheFirst32()
    {
        await using var house = new ModelHouse();
        var calls = Enumerable.Range(0, 40).Select(i =>
            Frames.Delta($$$"""{"tool_calls":[{"index":{{{i}}},"id":"c{{{i}}}","function":{"name":"ls","arguments":"{}"}}]}"""));
        house.Server.Then(Stream([.. calls, Frames.End("tool_calls"), Frames.Done]));

        Assert.Equal(Enumerable.Range(0, 32).Select(i => $"c{i}"), (await house.ReplyAsync()).Message.ToolCalls.Select(call => call.Id));
    }

    [Fact]
    public async Task Stream_WhenCutInsideACharacter_YieldsTheCharacter()
    {
        await using var house = new ModelHouse();
        var watch = new Watch();
        var bytes = Encoding.UTF8.GetBytes(Frames.Content("x") + Frames.Content("né😀") + Frames.End() + Frames.Done);
        var cut = bytes.AsSpan().IndexOf("😀"u8) + 2;
        house.Server.Then(async exchange =>
        {
            await exchange.SendHeadAsync();
            await exchange.SendAsync(bytes.AsMemory(0, cut));
            await watch.FirstAsync();
            await exchange.SendAsync(bytes.AsMemory(cut));
            exchange.End();
        });

        var reply = Assert.IsType<ModelOutcome.Reply>(await house.AskAsync(watch));

        Assert.Equal("xné😀", reply.Message.Content);
    }

    [Fact]
    public async Task Stream_WhenLinesEndInCrLfAndDataHasNoSpace_IsRead()
    {
        await using var house = new ModelHouse();
        var text = (Frames.Content("a") + Frames.End() + Frames.Done).Replace("data: ", "data:").Replace("\n", "\r\n");
        house.Server.Then(Stream("\uFEFFevent: message\r\nid: 7\r\nretry: 10\r\n", text));

        Assert.Equal("a", (await house.ReplyAsync()).Message.Content);
    }

    [Fact]
    public async Task KeepAlives_When1000ComeFirst_AreCountedAndSkipped()
    {
        await using var house = new ModelHouse();
        var watch = new Watch();
        house.Server.Then(Stream(
            string.Concat(Enumerable.Repeat(": keep-alive\n\n", 1000)),
            Frames.Delta("""{"reasoning_content":"abc"}"""), Frames.Content("de"), Frames.End(), Frames.Done));

        var reply = Assert.IsType<ModelOutcome.Reply>(await house.AskAsync(watch));

        Assert.Equal("de", reply.Message.Content);
        Assert.Equal(Enumerable.Range(1, 1000).Select(i => new ModelProgress(0, 0, i)), watch.Seen.Take(1000));
        Assert.Equal(
            [new ModelProgress(3, 0, 1000), new ModelProgress(3, 2, 1000), new ModelProgress(3, 2, 1000)], watch.Seen.Skip(1000));
    }

    [Fact]
    public async Task Stream_WhenDoneWithoutFinishReason_IsWhole()
    {
        await using var house = new ModelHouse();
        house.Server.Then(Stream(Frames.Content("a"), Frames.Done));

        Assert.Equal("a", (await house.ReplyAsync()).Message.Content);
    }

    [Fact]
    public async Task Stream_WhenBrokenAfterTheFinishReason_IsWhole()
    {
        await using var house = new ModelHouse();
        house.Server.Then(async exchange =>
        {
            await exchange.SendEndlessHeadAsync();
            await exchange.SendAsync(Frames.Content("a") + Frames.End("stop", HostedUsage));
            exchange.End();
        });

        var reply = await house.ReplyAsync();

        Assert.Equal(("a", 30L), (reply.Message.Content, reply.Usage.Prompt));
    }

    private static Func<Exchange, Task> Stream(params string[] frames) => async exchange =>
    {
        await exchange.SendHeadAsync();
        await exchange.SendAsync(string.Concat(frames));
        exchange.End();
    };
}
