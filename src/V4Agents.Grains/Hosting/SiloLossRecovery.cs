using System.Threading.Channels;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using V4Agents.Core.Journal;
using V4Agents.Core.Tasks;

namespace V4Agents.Grains.Hosting;

/// <summary>
/// Wakes every unfinished task as soon as another silo leaves or is declared dead, so that what ran there goes on here without waiting for the
/// next round of <see cref="TaskRecovery"/>.
/// </summary>
internal sealed partial class SiloLossRecovery(
    TaskWaking waking, ISiloStatusOracle silos, TimeProvider clock, ILogger<SiloLossRecovery> logger)
    : BackgroundService, ISiloStatusListener
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    /// <summary>For one task: its silo may be the next to hang.</summary>
    private static readonly TimeSpan WakeLimit = TimeSpan.FromSeconds(5);

    // One pending change is enough: a round wakes everything.
    private readonly Channel<SiloAddress> _left = Channel.CreateBounded<SiloAddress>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropOldest });

    public void SiloStatusChangeNotification(SiloAddress updatedSilo, SiloStatus status)
    {
        if (status.IsTerminating() && !updatedSilo.Equals(silos.SiloAddress))
        {
            _left.Writer.TryWrite(updatedSilo);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        silos.SubscribeToSiloStatusEvents(this);
        try
        {
            await foreach (var silo in _left.Reader.ReadAllAsync(stoppingToken))
            {
                // A silo that stops gives its tasks back one after the other.
                while (!await WakeAllAsync(silo, stoppingToken) || !silos.IsDeadSilo(silo))
                {
                    await Task.Delay(Pause, clock, stoppingToken);
                }
            }
        }
        finally
        {
            silos.UnSubscribeFromSiloStatusEvents(this);
        }
    }

    /// <summary>False when the list of tasks cannot be had; then it is asked for again.</summary>
    private async Task<bool> WakeAllAsync(SiloAddress silo, CancellationToken cancellationToken)
    {
        try
        {
            await waking.WakeAllAsync(WakeLimit, count => LogWaking(silo, count), LogNotWoken, cancellationToken);
            return true;
        }
        catch (JournalException e)
        {
            LogUnavailable(e.Message);
            return false;
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "Silo {silo} has left or died; waking {count} unfinished tasks.")]
    private partial void LogWaking(SiloAddress silo, int count);

    [LoggerMessage(2, LogLevel.Warning, "The list of unfinished tasks cannot be read: {message}")]
    private partial void LogUnavailable(string message);

    [LoggerMessage(3, LogLevel.Warning, "Task {task} cannot be woken yet: {message}")]
    private partial void LogNotWoken(TaskId task, string message);
}
