using V4Agents.Adapters.Tests.Models.Http;
using V4Agents.Core.Budgets;
using V4Agents.Core.Conversations;
using Xunit;

namespace V4Agents.Adapters.Tests.Models;

public sealed class JsonReplyTests
{
    private const string Reply =
        """{"id":"r","model":"m","choices":[{"index":0,"message":{"role":"assistant","content":null,"reasoning_content":"hm","tool_calls":[{"id":"a","type":"function","function":{"name":"ls","arguments":"{}"}},{"id":"","type":"function","function":{"name":"ls","arguments":"{}"}}]},"finish_reason":"tool_calls"}],"usage":{"prompt_tokens":7,"completion_tokens":3}}""";

    [Fact]
    public async Task Reply_WhenAskedForWhole_IsReadPastEmptyLines()
    {
        await using var house = new ModelHouse(("Models:Stream", "false"));
        house.Server.Then(exchange => exchange.SendWholeAsync("\n\n\r\n\n" + Reply, "application/json; charset=utf-8"));

        var reply = await house.ReplyAsync();

        Assert.Equal([new ToolCall("a", "ls", "{}"), new ToolCall("call_01", "ls", "{}")], reply.Message.ToolCalls);
        Assert.Equal(("hm", null, FinishReason.ToolCalls), (reply.Message.Reasoning, reply.Message.Content, reply.Finish));
        Assert.Equal((new Usage(0, 7, 3, 0), "m"), (reply.Usage, reply.ServedModel));
        Assert.Contains("\"stream\":false,\"messages\"", Assert.Single(house.Server.Requests).Body);
    }

    [Fact]
    public async Task Reply_WhenWholeAlthoughAStreamWasAskedFor_IsRead()
    {
        await using var house = new ModelHouse();
        house.Server.Then(exchange => exchange.SendWholeAsync(Reply));

        Assert.Equal("hm", (await house.ReplyAsync()).Message.Reasoning);
    }

    [Theory]
    [InlineData("Content-Type: text/plain\r\n")]
    [InlineData("")]
    public async Task Reply_WhenItsTypeSaysNothingAndItBeginsAsJson_IsReadAsJson(string header)
    {
        await using var house = new ModelHouse();
        house.Server.Then(async exchange =>
        {
            await exchange.SendAsync($"HTTP/1.1 200 OK\r\n{header}Connection: close\r\n\r\n\n \n");
            await exchange.SendAsync(Reply);
            exchange.End();
        });

        Assert.Equal("hm", (await house.ReplyAsync()).Message.Reasoning);
    }

    [Fact]
    public async Task Reply_WhenStreamedAlthoughAWholeOneWasAskedFor_IsRead()
    {
        await using var house = new ModelHouse(("Models:Stream", "false"));
        house.Server.Then(exchange => exchange.SendWholeAsync(Frames.Content("a") + Frames.End() + Frames.Done, "text/event-stream"));

        Assert.Equal("a", (await house.ReplyAsync()).Message.Content);
    }

    [Theory]
    [InlineData("\n\n\n", "before the answer began")]
    [InlineData("{\"choices\":[{\"index\":0,\"mess", "before the answer was whole")]
    public async Task Reply_WhenTheBodyEndsTooEarly_IsInterrupted(string body, string words)
    {
        await using var house = new ModelHouse(("Models:Stream", "false"));
        house.Server.Then(async exchange =>
        {
            await exchange.SendHeadAsync("application/json");
            await exchange.SendAsync(body);
            exchange.End();
        });

        var failure = await house.FailureAsync();

        Assert.Equal(ModelFailure.Interrupted, failure.Kind);
        Assert.Contains(words, failure.Message);
    }
}
