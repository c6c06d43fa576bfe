using V4Agents.Adapters.Tests.Models.Http;
using V4Agents.Core.Conversations;
using Xunit;

namespace V4Agents.Adapters.Tests.Models;

public sealed class RetryTests
{
    [Theory]
    [InlineData("429 x")]
    [InlineData("503 x")]
    public async Task Call_WhenRefusedForNow_IsRepeatedWithTheSameBytes(string status)
    {
        await using var house = new ModelHouse();
        house.Server.Then(exchange => exchange.SendWholeAsync("busy", "text/plain", status));
        house.Server.Then(Answer);

        var asking = house.ReplyAsync();
        await house.Time.PassBackOffAsync();

        Assert.Equal("a", (await asking).Message.Content);
        Assert.Equal(2, house.Server.Requests.Count);
        Assert.Single(house.Server.Requests.Select(request => request.Body).Distinct());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public async Task Call_WhenRefusedAgainAndAgain_FailsAfterTheConfiguredRetriesAndAtMostFiveSeconds(int retries)
    {
        await using var house = new ModelHouse(("Models:Retries", $"{retries}"));
        for (var i = 0; i <= retries; i++)
        {
            house.Server.Then(exchange => exchange.SendWholeAsync("busy", "text/plain", "503 x"));
        }

        var asking = house.FailureAsync();
        var waited = TimeSpan.Zero;
        for (var i = 0; i < retries; i++)
        {
            waited += await house.Time.PassBackOffAsync();
        }

        Assert.Equal(ModelFailure.ServerFault, (await asking).Kind);
        Assert.Equal(retries + 1, house.Server.Requests.Count);
        Assert.InRange(waited, TimeSpan.Zero, TimeSpan.FromSeconds(5));
    }

    [Fact]
    public async Task Connection_WhenRefused_IsTriedAgainAndFailsWithinFiveSeconds()
    {
        await using var house = new ModelHouse(("Models:Url", $"http://127.0.0.1:{FailureTests.ClosedPort()}"));

        var asking = house.FailureAsync();
        var waited = TimeSpan.Zero;
        for (var i = 0; i < 3; i++)
        {
            waited += await house.Time.PassBackOffAsync();
        }

        Assert.Equal(ModelFailure.Unreachable, (await asking).Kind);
        Assert.InRange(waited, TimeSpan.FromMilliseconds(1), TimeSpan.FromSeconds(5));
    }

    [Theory]
    [InlineData("Retry-After: 7\r\n")]
    [InlineData("Retry-After: Tue, 24 Nov 2026 12:00:07 GMT\r\n")]
    public async Task RetryAfter_WhenShort_IsWaitedFor(string header)
    {
        await using var house = new ModelHouse();
        house.Server.Then(exchange => exchange.SendWholeAsync("busy", "text/plain", "429 x", header));
        house.Server.Then(Answer);

        var asking = house.ReplyAsync();

        Assert.Equal(TimeSpan.FromSeconds(7), await house.Time.PassBackOffAsync());
        Assert.Equal("a", (await asking).Message.Content);
    }

    [Fact]
    public async Task RetryAfter_WhenLong_IsReportedAtOnce()
    {
        await using var house = new ModelHouse();
        house.Server.Then(exchange => exchange.SendWholeAsync("busy", "text/plain", "429 x", "Retry-After: 60\r\n"));

        var failure = await house.FailureAsync();

        Assert.Equal((ModelFailure.RateLimited, TimeSpan.FromSeconds(60)), (failure.Kind, failure.RetryAfter));
        Assert.Single(house.Server.Requests);
    }

    [Theory]
    [InlineData("400 x")]
    [InlineData("401 x")]
    [InlineData("402 x")]
    [InlineData("404 x")]
    [InlineData("422 x")]
    [InlineData("500 x")]
    [InlineData("502 x")]
    [InlineData("504 x")]
    public async Task Call_WhenRefusedForGoodOrMaybeBilled_IsNotRepeated(string status)
    {
        await using var house = new ModelHouse();
        house.Server.Then(exchange => exchange.SendWholeAsync("no", "text/plain", status));

        await house.FailureAsync();

        Assert.Single(house.Server.Requests);
    }

    private static Task Answer(Exchange exchange) =>
        exchange.SendWholeAsync(Frames.Content("a") + Frames.End() + Frames.Done, "text/event-stream");
}
