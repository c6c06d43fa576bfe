using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using V4Agents.Client;
using Xunit;

namespace V4Agents.EndToEnd.Tests.Client;

/// <summary>A server that cuts its streams where the test says.</summary>
public sealed class EventStreamTests
{
    [Fact]
    public async Task Events_WhenStreamsBreak_GoOnAfterTheLastSequenceNumber()
    {
        var asked = new ConcurrentQueue<string>();
        // An abort takes along what the client has not read yet, so it waits until the client has.
        var read = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = await ServeAsync(async (request, response) =>
        {
            asked.Enqueue(request.Query["after"].ToString());
            switch (asked.Count)
            {
                case 1:
                    await response.WriteAsync(Event(3, "submitted") + Event(4, "sandbox.opened") + "id: 5\nevent: cut.off\nda");
                    await response.Body.FlushAsync();
                    await read.Task.WaitAsync(TimeSpan.FromSeconds(20));
                    request.HttpContext.Abort();
                    break;
                case 2:
                    response.StatusCode = StatusCodes.Status503ServiceUnavailable;
                    break;
                case 3:
                    await response.WriteAsync(Event(4, "sandbox.opened") + Progress + Event(5, "concluded"));
                    break;
                default:
                    await response.WriteAsync(Event(6, "finished"));
                    break;
            }
        });

        var updates = await ReadAllAsync(server.Client, after: 2, update => _ = update == "4 sandbox.opened" && read.TrySetResult());

        Assert.Equal(["3 submitted", "4 sandbox.opened", "waiting", "progress", "5 concluded", "6 finished"], updates);
        Assert.Equal(["2", "4", "4", "5"], asked);
    }

    [Fact]
    public async Task Events_OfAnUnknownTask_AreRefusedAtOnce()
    {
        await using var server = await ServeAsync(async (_, response) =>
        {
            response.StatusCode = StatusCodes.Status404NotFound;
            await response.WriteAsync("""{"code":"task_not_found","detail":"There is no task 't-x'."}""");
        });

        var refused = await Assert.ThrowsAsync<ApiException>(() => ReadAllAsync(server.Client, after: 0));

        Assert.Equal(("task_not_found", 404, "There is no task 't-x'."), (refused.Code, refused.Status!.Value, refused.Message));
    }

    [Fact]
    public async Task Events_WhenTheServiceIsAwayForMinutes_AreWaitedFor()
    {
        var clock = new HurriedClock();
        var away = clock.GetUtcNow() + TimeSpan.FromMinutes(9);
        await using var server = await ServeAsync(async (_, response) =>
        {
            if (clock.GetUtcNow() < away)
            {
                response.StatusCode = StatusCodes.Status503ServiceUnavailable;
                await response.WriteAsync("""{"code":"database_unavailable","detail":"The database cannot be reached."}""");
                return;
            }

            await response.WriteAsync(Event(1, "finished"));
        });

        var updates = await ReadAllAsync(server.ClientWith(clock), after: 0);

        Assert.Equal("1 finished", updates[^1]);
        Assert.All(updates[..^1], update => Assert.Equal("waiting", update));
    }

    [Fact]
    public async Task Events_WhenTheServiceStaysAway_EndWithItsReason()
    {
        var clock = new HurriedClock();
        var began = clock.GetUtcNow();
        await using var server = await ServeAsync(async (_, response) =>
        {
            response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            await response.WriteAsync("""{"code":"database_unavailable","detail":"The database cannot be reached."}""");
        });

        var refused = await Assert.ThrowsAsync<ApiException>(() => ReadAllAsync(server.ClientWith(clock), after: 0));

        Assert.Equal("database_unavailable", refused.Code);
        Assert.InRange(clock.GetUtcNow() - began, Outages.Patience, Outages.Patience + TimeSpan.FromMinutes(1));
    }

    [Fact]
    public async Task Events_WhenNobodyEverAnswered_AreGivenUpSoon()
    {
        var clock = new HurriedClock();
        var began = clock.GetUtcNow();
        using var http = new HttpClient { BaseAddress = new Uri("http://127.0.0.1:9/") };

        var refused = await Assert.ThrowsAsync<ApiException>(() => ReadAllAsync(new TasksClient(http, clock), after: 0));

        Assert.Equal(ApiException.Unreachable, refused.Code);
        Assert.True(clock.GetUtcNow() - began < TimeSpan.FromMinutes(1));
    }

    private const string Progress = "event: progress\ndata: {\"activity\":\"x\",\"since\":\"2026-01-01T00:00:00Z\",\"reasoning_chars\":1,\"content_chars\":2}\n\n";

    private static string Event(long seq, string kind) =>
        $"id: {seq}\nevent: {kind}\ndata: {{\"seq\":{seq},\"kind\":\"{kind}\",\"version\":1,\"at\":\"2026-01-01T00:00:00Z\",\"data\":{{}}}}\n\n";

    private static async Task<List<string>> ReadAllAsync(TasksClient client, long after, Action<string>? seen = null)
    {
        var updates = new List<string>();
        await foreach (var update in client.EventsAsync("t-x", after, TestContext.Current.CancellationToken))
        {
            updates.Add(update switch
            {
                TaskUpdate.Recorded { Event: var e } => $"{e.Seq} {e.Kind}",
                TaskUpdate.Waiting => "waiting",
                _ => "progress",
            });
            seen?.Invoke(updates[^1]);
        }

        return updates;
    }

    private static async Task<Loopback> ServeAsync(Func<HttpRequest, HttpResponse, Task> answer)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        app.MapGet("/v1/tasks/{id}/events", (HttpContext context) => answer(context.Request, context.Response));
        await app.StartAsync(TestContext.Current.CancellationToken);
        return new Loopback(app);
    }

    private sealed class Loopback(WebApplication app) : IAsyncDisposable
    {
        private readonly HttpClient _http = new()
        {
            BaseAddress = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single() + "/"),
        };

        public TasksClient Client => ClientWith(TimeProvider.System);

        public TasksClient ClientWith(TimeProvider clock) => new(_http, clock);

        public async ValueTask DisposeAsync()
        {
            _http.Dispose();
            await app.DisposeAsync();
        }
    }

    /// <summary>Nobody waits: a pause is over at once, and the time is then later by it. Long limits are real.</summary>
    private sealed class HurriedClock : TimeProvider
    {
        private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(10);

        private long _skipped;

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + TimeSpan.FromTicks(Interlocked.Read(ref _skipped));

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            if (dueTime > LongestPause || dueTime < TimeSpan.Zero)
            {
                return base.CreateTimer(callback, state, dueTime, period);
            }

            Interlocked.Add(ref _skipped, dueTime.Ticks);
            return base.CreateTimer(callback, state, TimeSpan.Zero, period);
        }
    }
}
