using V4Agents.Core.Journal;
using V4Agents.Core.Tasks;
using V4Agents.Grains.Tasks;

namespace V4Agents.Grains.Hosting;

/// <summary>Wakes every unfinished task, several at once: one that is slow to activate, or that cannot be, must not keep the others asleep.</summary>
internal sealed class TaskWaking(IGrainFactory grains, ITaskSummaries summaries)
{
    /// <summary>A thousand at once are a burden on the journal.</summary>
    private const int AtOnce = 16;

    /// <param name="limit">For one task; infinite for none.</param>
    /// <param name="listed">Hears how many tasks there are before the first is woken.</param>
    /// <param name="notWoken">Hears of a task that could not be woken, and why.</param>
    /// <exception cref="JournalException">The list of unfinished tasks cannot be had.</exception>
    public async Task WakeAllAsync(TimeSpan limit, Action<int> listed, Action<TaskId, string> notWoken, CancellationToken cancellationToken)
    {
        var unfinished = await summaries.UnfinishedAsync(cancellationToken);
        listed(unfinished.Count);
        await Parallel.ForEachAsync(
            unfinished, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken },
            async (task, token) => await WakeAsync(task, limit, notWoken, token));
    }

    private async Task WakeAsync(TaskId task, TimeSpan limit, Action<TaskId, string> notWoken, CancellationToken cancellationToken)
    {
        using var late = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        late.CancelAfter(limit);
        try
        {
            await grains.GetGrain<ITaskGrain>(task.Value).WakeAsync(late.Token);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            notWoken(task, e.Message);
        }
    }
}
