using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace V4Agents.Postgres.Local;

/// <summary>Starts the private server again when it has died. Whoever was talking to it waits, and finds everything that was committed.</summary>
public sealed partial class ClusterSupervision(PrivateCluster cluster, TimeProvider clock, ILogger<ClusterSupervision> logger) : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var pause = Period;
        while (true)
        {
            await Task.Delay(pause, clock, stoppingToken);
            if (cluster.IsRunning)
            {
                continue;
            }

            LogGone(cluster.Directory);
            try
            {
                await cluster.ReviveAsync(stoppingToken);
                LogBack(cluster.Directory);
                pause = Period;
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                // Whatever it is (a full disk, a missing program), somebody may repair it: a background service that throws would end the service.
                pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
                LogNotBack(pause, e.Message);
            }
        }
    }

    [LoggerMessage(1, LogLevel.Error, "The private database in {directory} has died and is started again.")]
    private partial void LogGone(string directory);

    [LoggerMessage(2, LogLevel.Warning, "The private database in {directory} runs again.")]
    private partial void LogBack(string directory);

    [LoggerMessage(3, LogLevel.Error, "The next attempt is in {pause}: {message}")]
    private partial void LogNotBack(TimeSpan pause, string message);
}
