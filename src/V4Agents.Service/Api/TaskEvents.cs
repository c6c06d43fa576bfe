using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using V4Agents.Core.Journal;
using V4Agents.Core.Tasks;
using V4Agents.Grains.Tasks;

namespace V4Agents.Service.Api;

/// <summary>A task's events as they are committed, with what runs in between about every second.</summary>
internal sealed class TaskEvents(ITaskJournal journal, ITaskSummaries summaries, IGrainFactory grains, TimeProvider clock, IHostApplicationLifetime lifetime)
{
    private static readonly TimeSpan Beat = TimeSpan.FromSeconds(1);

    public async IAsyncEnumerable<SseItem<object>> FollowAsync(TaskId task, long after, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // The server would otherwise wait for its open streams before it stops.
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, lifetime.ApplicationStopping);
        while (!ended.IsCancellationRequested)
        {
            foreach (var entry in await ReadAsync(task, after, ended.Token))
            {
                after = entry.Seq;
                var body = entry.ToBody();
                yield return new SseItem<object>(body, body.Kind) { EventId = $"{body.Seq}" };
                if (entry.Event is TaskEvent.Finished)
                {
                    yield break;
                }
            }

            // A reader that has everything of a finished task (a browser reconnects by itself) must not wait for what never comes.
            if (await summaries.FindAsync(task, ended.Token) is { Finished: true } row && after >= row.Seq)
            {
                yield break;
            }

            using var waiting = CancellationTokenSource.CreateLinkedTokenSource(ended.Token);
            var more = summaries.WaitAsync(task, after, waiting.Token);
            while (!await WithinABeatAsync(more, ended.Token) && !ended.IsCancellationRequested)
            {
                yield return new SseItem<object>(await LiveAsync(task, ended.Token), "progress");
            }

            await waiting.CancelAsync();
        }
    }

    public async Task<IReadOnlyList<Client.Contract.EventBody>> ListAsync(TaskId task, long after, CancellationToken cancellationToken) =>
        [.. (await journal.ReadAsync(task, after, cancellationToken)).Select(entry => entry.ToBody())];

    private async Task<IReadOnlyList<JournalEntry>> ReadAsync(TaskId task, long after, CancellationToken cancellationToken)
    {
        try
        {
            return await journal.ReadAsync(task, after, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            return [];
        }
    }

    private async Task<bool> WithinABeatAsync(Task more, CancellationToken cancellationToken)
    {
        var first = await Task.WhenAny(more, Task.Delay(Beat, clock, cancellationToken));
        if (first == more && !cancellationToken.IsCancellationRequested)
        {
            await more;
        }

        return first == more;
    }

    private async Task<object> LiveAsync(TaskId task, CancellationToken cancellationToken)
    {
        var grain = grains.GetGrain<ITaskGrain>(task.Value);
        var live = await grain.LiveAsync(cancellationToken);
        return (live ?? new LiveActivity((await grain.StatusAsync(cancellationToken))?.Activity ?? "unknown", clock.GetUtcNow())).ToBody();
    }
}
