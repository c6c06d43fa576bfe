using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using V4Agents.Core.Tasks;

namespace V4Agents.Grains.Hosting;

/// <summary>
/// Wakes every unfinished task at start and again every few seconds: a task whose activation stopped on a journal fault, or whose silo died,
/// goes on without waiting for its reminder. Waking one that runs does nothing.
/// </summary>
internal sealed partial class TaskRecovery(TaskWaking waking, TimeProvider clock, ILogger<TaskRecovery> logger)
    : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(10);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period, clock);
        do
        {
            // Whatever goes wrong in one round: a background service that throws would take the whole service with it.
            try
            {
                await waking.WakeAllAsync(Timeout.InfiniteTimeSpan, listed: _ => { }, LogNotWoken, stoppingToken);
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                LogUnavailable(e.Message);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    [LoggerMessage(1, LogLevel.Warning, "The list of unfinished tasks cannot be read: {message}")]
    private partial void LogUnavailable(string message);

    [LoggerMessage(2, LogLevel.Error, "Task {task} cannot be woken: {message}")]
    private partial void LogNotWoken(TaskId task, string message);
}
