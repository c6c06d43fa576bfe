using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using V4Agents.Core.Journal;
using V4Agents.Core.Sandboxing;
using V4Agents.Core.Tasks;

namespace V4Agents.Grains.Hosting;

/// <summary>At start and every minute: removes the containers of this database's finished or unknown tasks.</summary>
internal sealed partial class SandboxSweep(
    ISandboxes sandboxes, ISandboxRegistry registry, ITaskSummaries summaries, TimeProvider clock, ILogger<SandboxSweep> logger) : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromMinutes(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period, clock);
        do
        {
            // Whatever goes wrong in one round: a background service that throws would take the whole service with it.
            try
            {
                await SweepAsync(stoppingToken);
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                LogFailed(e.Message);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private async Task SweepAsync(CancellationToken cancellationToken)
    {
        foreach (var found in await sandboxes.ListAsync(await registry.InstanceAsync(cancellationToken), cancellationToken))
        {
            if (await summaries.FindAsync(found.Task, cancellationToken) is not { Finished: false })
            {
                LogRemoved(found.Id, found.Task);
                await sandboxes.RemoveAsync(found.Id, cancellationToken);
                await registry.ReleaseAsync(found.Id, cancellationToken);
            }
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "Removing the orphaned sandbox {sandbox} of task {task}.")]
    private partial void LogRemoved(SandboxId sandbox, TaskId task);

    [LoggerMessage(2, LogLevel.Warning, "The sandbox sweep did not finish: {message}")]
    private partial void LogFailed(string message);
}
