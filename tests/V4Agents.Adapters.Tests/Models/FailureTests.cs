using System.Net;
using System.Net.Sockets;
using V4Agents.Adapters.Tests.Models.Http;
using V4Agents.Core.Conversations;
using Xunit;

namespace V4Agents.Adapters.Tests.Models;

public sealed class FailureTests
{
    private static readonly (string, string) NoRetries = ("Models:Retries", "0");

    [Theory]
    [InlineData("400 Bad Request", ModelFailure.Rejected, "repeating it does not help")]
    [InlineData("401 Unauthorized", ModelFailure.Unauthorized, "V4_MODEL_KEY")]
    [InlineData("403 Forbidden", ModelFailure.Unauthorized, "V4_MODEL_KEY")]
    [InlineData("402 Payment Required", ModelFailure.NoBalance, "top it up")]
    [InlineData("404 Not Found", ModelFailure.Rejected, "The URL may be wrong")]
    [InlineData("413 Too Large", ModelFailure.Rejected, "repeating it does not help")]
    [InlineData("422 Unprocessable", ModelFailure.InvalidParameter, "Models:Roles")]
    [InlineData("429 Too Many", ModelFailure.RateLimited, "run fewer tasks")]
    [InlineData("500 Oops", ModelFailure.ServerFault, "repeated later")]
    [InlineData("503 Busy", ModelFailure.ServerFault, "repeated later")]
    [InlineData("307 Elsewhere", ModelFailure.Protocol, "V4_MODEL_URL")]
    public async Task Status_WhenNotSuccess_IsItsKindAndSaysWhatToDo(string status, ModelFailure kind, string advice)
    {
        await using var house = new ModelHouse(NoRetries);
        house.Server.Then(exchange => exchange.SendWholeAsync(
            """{"error":{"message":"no\nway","type":"x","param":null,"code":"y"}}""", status: status, headers: "Location: /x\r\n"));

        var failure = await house.FailureAsync();

        Assert.Equal((kind, null), (failure.Kind, failure.RetryAfter));
        Assert.StartsWith($"The model endpoint {new Uri(house.Server.Url).Authority} answered {status[..3]}: \"no way\". ", failure.Message);
        Assert.Contains(advice, failure.Message);
    }

    [Theory]
    [InlineData("400 x", false)]
    [InlineData("402 x", false)]
    [InlineData("408 x", true)]
    [InlineData("429 x", false)]
    [InlineData("500 x", true)]
    [InlineData("502 x", true)]
    [InlineData("503 x", false)]
    [InlineData("504 x", true)]
    public async Task Status_WhenItLeavesOpenWhetherTheCallWasWorkedOn_MayBeBilled(string status, bool expected)
    {
        await using var house = new ModelHouse(NoRetries);
        house.Server.Then(exchange =>
        {
            house.Time.Advance(TimeSpan.FromSeconds(11));
            return exchange.SendWholeAsync("no", "text/plain", status);
        });

        Assert.Equal(expected, (await house.FailureAsync()).MayBeBilled);
    }

    /// <summary>An endpoint that is down for an hour must not use up the budget of a task that waits for it.</summary>
    [Fact]
    public async Task Status_WhenItComesAtOnce_IsNotBilled()
    {
        await using var house = new ModelHouse(NoRetries);
        house.Server.Then(exchange => exchange.SendWholeAsync("no", "text/plain", "502 x"));

        Assert.False((await house.FailureAsync()).MayBeBilled);
    }

    [Theory]
    [InlineData("""{"error":{"message":"too many","code":429}}""", "", false)]
    [InlineData("""{"error":{"message":"too many","code":429}}""", "half", true)]
    [InlineData("""{"error":"out of memory"}""", "", true)]
    public async Task Error_WhenItComesInAnAnswer_MayBeBilledUnlessItRefusesTheCall(string error, string before, bool expected)
    {
        await using var house = new ModelHouse();
        house.Server.Then(Stream(before.Length == 0 ? ": keep-alive\n\n" : Frames.Content(before), Frames.Data(error), Frames.Done));

        Assert.Equal(expected, (await house.FailureAsync()).MayBeBilled);
    }

    [Theory]
    [InlineData("""{"error":"plain words"}""", "\"plain words\"")]
    [InlineData("""{"message":"plain words"}""", "\"plain words\"")]
    [InlineData("""{"detail":[{"loc":["body"],"msg":"plain words","input":"the secret plan"}]}""", "\"plain words\"")]
    [InlineData("plain words", "\"plain words\"")]
    [InlineData("<html>plain words</html>", "answered 400. ")]
    [InlineData("""{"echo":"plain words"}""", "answered 400. ")]
    [InlineData("", "answered 400. ")]
    public async Task Refusal_WhateverItsEnvelope_QuotesOnlyTheServersMessage(string body, string expected)
    {
        await using var house = new ModelHouse(NoRetries);
        house.Server.Then(exchange => exchange.SendWholeAsync(body, status: "400 Bad"));

        var message = (await house.FailureAsync()).Message;

        Assert.Contains(expected, message);
        Assert.DoesNotContain("secret", message);
    }

    [Fact]
    public async Task Refusal_WhenLongWinded_IsCutShort()
    {
        await using var house = new ModelHouse(NoRetries);
        house.Server.Then(exchange => exchange.SendWholeAsync($$$"""{"error":{"message":"{{{new string('x', 5_000)}}}"}}""", status: "400 Bad"));

        Assert.Contains(new string('x', 300) + "…\"", (await house.FailureAsync()).Message);
    }

    [Fact]
    public async Task Refusal_WhenItsTextIsCutOff_KeepsItsKind()
    {
        await using var house = new ModelHouse();
        house.Server.Then(async exchange =>
        {
            await exchange.SendAsync("HTTP/1.1 402 Pay\r\nContent-Length: 500\r\n\r\n{\"er");
            exchange.End();
        });

        Assert.Equal(ModelFailure.NoBalance, (await house.FailureAsync()).Kind);
    }

    [Theory]
    [InlineData("insufficient_system_resource", ModelFailure.ServerFault)]
    [InlineData("aborted", ModelFailure.Interrupted)]
    public async Task Finish_WhenTheServerGaveUp_IsATransientFailure(string finish, ModelFailure kind)
    {
        await using var house = new ModelHouse();
        house.Server.Then(Stream(Frames.Content("half"), Frames.End(finish), Frames.Done));

        var failure = await house.FailureAsync();

        Assert.Equal((kind, true, true), (failure.Kind, failure.Kind.IsTransient(), failure.MayBeBilled));
    }

    [Theory]
    [InlineData("""{"error":{"message":"out of memory","type":"server_error","code":"x"}}""", ModelFailure.ServerFault)]
    [InlineData("""{"error":{"message":"out of memory","code":429}}""", ModelFailure.RateLimited)]
    [InlineData("""{"error":{"message":"out of memory","type":"invalid_request_error","code":"x"}}""", ModelFailure.Rejected)]
    [InlineData("""{"error":"out of memory"}""", ModelFailure.ServerFault)]
    public async Task Stream_WhenAnErrorComesInTheMiddle_FailsWithItsWords(string error, ModelFailure kind)
    {
        await using var house = new ModelHouse();
        house.Server.Then(Stream(Frames.Content("half"), Frames.Data(error), Frames.Done));

        var failure = await house.FailureAsync();

        Assert.Equal(kind, failure.Kind);
        Assert.Contains("\"out of memory\"", failure.Message);
    }

    [Theory]
    [InlineData("", "before the answer began")]
    [InlineData(": keep-alive\n\n: keep-alive\n\n", "before the answer began")]
    [InlineData("data: {\"choices\":[{\"index\":0,\"del", "before the answer began")]
    [InlineData("data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"a\"}}]}\n\n", "before the answer was whole")]
    public async Task Stream_WhenClosedTooEarly_IsInterruptedAndNotRetried(string sent, string words)
    {
        await using var house = new ModelHouse();
        house.Server.Then(Stream(sent));

        var failure = await house.FailureAsync();

        Assert.Equal((ModelFailure.Interrupted, true, true), (failure.Kind, failure.Kind.IsTransient(), failure.MayBeBilled));
        Assert.Contains(words, failure.Message);
        Assert.Single(house.Server.Requests);
    }

    [Fact]
    public async Task Stream_WhenReset_IsInterruptedAndNotRetried()
    {
        await using var house = new ModelHouse();
        var watch = new Watch();
        house.Server.Then(async exchange =>
        {
            await exchange.SendHeadAsync();
            await exchange.SendAsync(Frames.Content("half"));
            await watch.FirstAsync();
            exchange.Cut();
        });

        var failure = Assert.IsType<ModelOutcome.Failure>(await house.AskAsync(watch));

        Assert.Equal(ModelFailure.Interrupted, failure.Kind);
        Assert.Single(house.Server.Requests);
    }

    [Fact]
    public async Task Connection_WhenClosedInsteadOfAnAnswer_IsInterruptedAndNotRetried()
    {
        await using var house = new ModelHouse();
        house.Server.Then(exchange =>
        {
            exchange.End();
            return Task.CompletedTask;
        });

        Assert.Equal(ModelFailure.Interrupted, (await house.FailureAsync()).Kind);
        Assert.Single(house.Server.Requests);
    }

    [Theory]
    [InlineData("text/html", "<html>login</html>")]
    [InlineData("application/json", "[1,2")]
    [InlineData("application/json", "not json")]
    [InlineData("application/json", "{}")]
    [InlineData("application/json", "null")]
    [InlineData("application/json", "{\"choices\":[]}")]
    [InlineData("text/event-stream", "data: not json\n\n")]
    [InlineData("text/event-stream", "data: null\n\n")]
    [InlineData("text/event-stream", "data: [DONE]\n\n")]
    [InlineData("text/event-stream", "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"\\ud83d\"}}]}\n\n")]
    public async Task Answer_WhenGarbage_IsAProtocolFailure(string contentType, string body)
    {
        await using var house = new ModelHouse();
        house.Server.Then(exchange => exchange.SendWholeAsync(body, contentType));

        var failure = await house.FailureAsync();

        Assert.Equal((body == "[1,2" ? ModelFailure.Interrupted : ModelFailure.Protocol, true), (failure.Kind, failure.MayBeBilled));
    }

    [Fact]
    public async Task Answer_WhenNotHttp_IsAProtocolFailure()
    {
        await using var house = new ModelHouse();
        house.Server.Then(async exchange =>
        {
            await exchange.SendAsync("SSH-2.0-OpenSSH_9.2\r\n\r\n");
            exchange.End();
        });

        Assert.Equal(ModelFailure.Protocol, (await house.FailureAsync()).Kind);
    }

    [Theory]
    [InlineData("http://127.0.0.1:{0}", "no connection could be made")]
    [InlineData("http://model.invalid:{0}", "its name does not resolve")]
    public async Task Endpoint_WhenNotThere_IsUnreachable(string url, string words)
    {
        await using var house = new ModelHouse(NoRetries, ("Models:Key", "sk-test"), ("Models:Url", string.Format(null, url, ClosedPort())));

        var failure = await house.FailureAsync();

        Assert.Equal((ModelFailure.Unreachable, false), (failure.Kind, failure.MayBeBilled));
        Assert.Contains(words, failure.Message);
    }

    [Fact]
    public async Task Key_WhenMissing_IsAFailureWithoutACall()
    {
        await using var house = new ModelHouse(("Models:Url", "https://api.deepseek.com"));

        var failure = await house.FailureAsync();

        Assert.Equal((ModelFailure.KeyMissing, house.Client.Missing), (failure.Kind, failure.Message));
    }

    internal static int ClosedPort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static Func<Exchange, Task> Stream(params string[] frames) => async exchange =>
    {
        await exchange.SendHeadAsync();
        await exchange.SendAsync(string.Concat(frames));
        exchange.End();
    };
}
