using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using V4Agents.Core.Journal;
using V4Agents.Core.Tasks;
using V4Agents.Grains.Tasks;

namespace V4Agents.Grains.Hosting;

/// <summary>
/// A command that has the database and no server appends what it was asked for itself. The live writer hears of it here, at once: a cancellation must not
/// wait for the end of a model call.
/// </summary>
internal sealed partial class ForeignAppendWatch(
    IForeignAppends appends, IGrainFactory grains, LiveTasks live, ILogger<ForeignAppendWatch> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await foreach (var heard in appends.ListenAsync(stoppingToken))
        {
            foreach (var task in heard is { } one ? live.Contains(one) ? [one] : [] : live.All)
            {
                _ = RefreshAsync(task, stoppingToken);
            }
        }
    }

    private async Task RefreshAsync(TaskId task, CancellationToken cancellationToken)
    {
        try
        {
            await grains.GetGrain<ITaskGrain>(task.Value).RefreshAsync(cancellationToken);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            // The next append meets the foreign event and does the same.
            LogNotRefreshed(task, e.Message);
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "Task {task} was appended to by another process, and its writer could not be told: {message}")]
    private partial void LogNotRefreshed(TaskId task, string message);
}
