using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using V4Agents.Core.Sandboxing;

namespace V4Agents.Grains.Hosting;

/// <summary>At start and every minute: renews the leases of this engine's sandboxes, and removes what no live task owns.</summary>
internal sealed partial class SandboxReconciler(
    ISandboxes sandboxes, ISandboxRegistry registry, SandboxReconciliation reconciliation, TimeProvider clock, ILogger<SandboxReconciler> logger)
    : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromMinutes(1);

    /// <summary>Side by side: a round that has many trees to save must not let the leases run out.</summary>
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.WhenAll(
        EveryMinuteAsync("leases of the sandboxes cannot be renewed", RenewAsync, stoppingToken),
        EveryMinuteAsync("sandboxes cannot be looked after", reconciliation.RoundAsync, stoppingToken));

    private async Task RenewAsync(CancellationToken cancellationToken) =>
        await registry.RenewAsync(await sandboxes.EngineAsync(cancellationToken), cancellationToken);

    private async Task EveryMinuteAsync(string failure, Func<CancellationToken, Task> round, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(Period, clock);
        do
        {
            // Whatever goes wrong in one round: a background service that throws would take the whole service with it.
            try
            {
                await round(cancellationToken);
            }
            catch (Exception e) when (!cancellationToken.IsCancellationRequested)
            {
                LogFailed(failure, e.Message);
            }
        }
        while (await timer.WaitForNextTickAsync(cancellationToken));
    }

    [LoggerMessage(1, LogLevel.Warning, "The {failure}: {message}")]
    private partial void LogFailed(string failure, string message);
}
