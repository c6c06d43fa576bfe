using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using V4Agents.Core.Journal;
using V4Agents.Core.Tasks;
using V4Agents.Grains.Tasks;

namespace V4Agents.Grains.Hosting;

/// <summary>
/// Wakes every unfinished task at start and again every few seconds: a task whose activation stopped on a journal fault, or whose silo died,
/// goes on without waiting for its reminder. Waking one that runs does nothing.
/// </summary>
internal sealed partial class TaskRecovery(IGrainFactory grains, ITaskSummaries summaries, TimeProvider clock, ILogger<TaskRecovery> logger)
    : BackgroundService
{
    /// <summary>One task that is slow to activate must not keep the others asleep, and a thousand at once are a burden on the journal.</summary>
    private const int AtOnce = 16;

    private static readonly TimeSpan Period = TimeSpan.FromSeconds(10);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period, clock);
        do
        {
            // Whatever goes wrong in one round: a background service that throws would take the whole service with it.
            try
            {
                await Parallel.ForEachAsync(
                    await summaries.UnfinishedAsync(stoppingToken),
                    new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = stoppingToken },
                    async (task, token) => await WakeAsync(task, token));
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                LogUnavailable(e.Message);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private async Task WakeAsync(TaskId task, CancellationToken cancellationToken)
    {
        try
        {
            await grains.GetGrain<ITaskGrain>(task.Value).WakeAsync(cancellationToken);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            // One task that cannot be activated must not keep the others asleep.
            LogNotWoken(task, e.Message);
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "The list of unfinished tasks cannot be read: {message}")]
    private partial void LogUnavailable(string message);

    [LoggerMessage(2, LogLevel.Error, "Task {task} cannot be woken: {message}")]
    private partial void LogNotWoken(TaskId task, string message);
}
