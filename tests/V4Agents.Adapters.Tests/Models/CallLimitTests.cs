using V4Agents.Adapters.Tests.Models.Http;
using V4Agents.Core.Conversations;
using Xunit;

namespace V4Agents.Adapters.Tests.Models;

public sealed class CallLimitTests
{
    [Fact]
    public async Task Stream_WhenSilentForTheStallTimeout_IsInterruptedAndClosed()
    {
        await using var house = new ModelHouse();
        var watch = new Watch();
        var closed = Hang(house.Server, Frames.Content("half"));

        var asking = house.AskAsync(watch);
        await watch.FirstAsync();
        house.Time.Advance(TimeSpan.FromMinutes(2) - TimeSpan.FromSeconds(1));
        Assert.False(asking.IsCompleted);
        house.Time.Advance(TimeSpan.FromSeconds(1));

        var failure = Assert.IsType<ModelOutcome.Failure>(await asking);
        Assert.Equal((ModelFailure.Interrupted, true), (failure.Kind, failure.MayBeBilled));
        Assert.Contains("sent nothing for 00:02:00, not even a keep-alive", failure.Message);
        await closed;
    }

    [Fact]
    public async Task Stream_WhenOnlyKeepAlivesCome_IsAlive()
    {
        await using var house = new ModelHouse();
        var counted = new Counter();
        house.Server.Then(async exchange =>
        {
            await exchange.SendHeadAsync();
            for (var i = 1; i <= 5; i++)
            {
                await exchange.SendAsync(": keep-alive\n\n");
                await counted.ReachedAsync(i);
                house.Time.Advance(TimeSpan.FromMinutes(1.9));
            }

            await exchange.SendAsync(Frames.Content("late") + Frames.End() + Frames.Done);
            exchange.End();
        });

        var reply = Assert.IsType<ModelOutcome.Reply>(await house.AskAsync(counted));

        Assert.Equal("late", reply.Message.Content);
    }

    [Fact]
    public async Task Server_WhenItAcceptsAndNeverAnswers_IsInterruptedAfterTheStallTimeout()
    {
        await using var house = new ModelHouse();
        var asked = new TaskCompletionSource();
        var closed = new TaskCompletionSource();
        house.Server.Then(async exchange =>
        {
            asked.SetResult();
            await exchange.ClosedByClientAsync();
            closed.SetResult();
        });

        var asking = house.FailureAsync();
        await asked.Task.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
        house.Time.Advance(TimeSpan.FromMinutes(2));

        var failure = await asking;
        Assert.Equal((ModelFailure.Interrupted, true), (failure.Kind, failure.MayBeBilled));
        await closed.Task.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Call_WhenLongerThanItsLimit_IsInterruptedHoweverLively()
    {
        await using var house = new ModelHouse(("Models:CallLimit", "00:01:00"));
        var watch = new Watch();
        var closed = Hang(house.Server, Frames.Content("half"));

        var asking = house.AskAsync(watch);
        await watch.FirstAsync();
        house.Time.Advance(TimeSpan.FromMinutes(1));

        var failure = Assert.IsType<ModelOutcome.Failure>(await asking);
        Assert.Equal((ModelFailure.Interrupted, true), (failure.Kind, failure.MayBeBilled));
        Assert.Contains("had not finished its answer after 00:01:00", failure.Message);
        await closed;
    }

    [Fact]
    public async Task Stream_WhenSilentAfterTheFinishReason_IsWhole()
    {
        await using var house = new ModelHouse();
        var watch = new Watch();
        var closed = Hang(house.Server, Frames.Delta("""{"content":"a"}""", "\"stop\""));

        var asking = house.AskAsync(watch);
        await watch.FirstAsync();
        house.Time.Advance(TimeSpan.FromMinutes(2));

        Assert.Equal("a", Assert.IsType<ModelOutcome.Reply>(await asking).Message.Content);
        await closed;
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Cancellation_WhenTheAnswerIsUnderWay_EndsTheExchange(bool stream)
    {
        await using var house = new ModelHouse(("Models:Stream", $"{stream}"));
        using var stop = new CancellationTokenSource();
        var sent = new TaskCompletionSource();
        var closed = new TaskCompletionSource();
        house.Server.Then(async exchange =>
        {
            await exchange.SendEndlessHeadAsync(stream ? "text/event-stream" : "application/json");
            await exchange.SendAsync(stream ? Frames.Content("half") : "\n\n");
            sent.SetResult();
            await exchange.ClosedByClientAsync();
            closed.SetResult();
        });

        var asking = house.AskUntilAsync(stop.Token);
        await sent.Task.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asking);
        await closed.Task.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Cancellation_WhenWaitingToRetry_Throws()
    {
        await using var house = new ModelHouse();
        using var stop = new CancellationTokenSource();
        house.Server.Then(async exchange =>
        {
            await exchange.SendWholeAsync("busy", "text/plain", "503 x");
            await stop.CancelAsync();
        });

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => house.AskUntilAsync(stop.Token));
    }

    private static Task Hang(ScriptedServer server, string after)
    {
        var closed = new TaskCompletionSource();
        server.Then(async exchange =>
        {
            await exchange.SendEndlessHeadAsync();
            await exchange.SendAsync(after);
            await exchange.ClosedByClientAsync();
            closed.SetResult();
        });
        return closed.Task.WaitAsync(TimeSpan.FromSeconds(20));
    }

    private sealed class Counter : IProgress<ModelProgress>
    {
        private readonly SemaphoreSlim _reports = new(0);

        public void Report(ModelProgress value) => _reports.Release();

        public async Task ReachedAsync(int number) =>
            Assert.True(await _reports.WaitAsync(TimeSpan.FromSeconds(20)), $"keep-alive {number} was not reported");
    }
}
