using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using V4Agents.Core.Tasks;

namespace V4Agents.Grains.Hosting;

/// <summary>Every minute: one warning for each task that has come to stand still since the last look.</summary>
internal sealed partial class Watchdog(IStalledTasks stalled, TimeProvider clock, ILogger<Watchdog> logger) : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromMinutes(1);

    private HashSet<TaskId> _known = [];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            // Whatever goes wrong in one round: a background service that throws would take the whole service with it.
            try
            {
                var now = await stalled.ListAsync(stoppingToken);
                foreach (var task in now.Where(task => !_known.Contains(task.Task)))
                {
                    LogStalled(task.Task, Math.Round(task.Since.TotalMinutes), task.Reason);
                }

                _known = [.. now.Select(task => task.Task)];
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                LogFailed(e.Message);
            }
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "Task {task} has recorded nothing for {minutes} minutes: {reason}")]
    private partial void LogStalled(TaskId task, double minutes, string reason);

    [LoggerMessage(2, LogLevel.Warning, "The tasks that stand still cannot be listed: {message}")]
    private partial void LogFailed(string message);
}
