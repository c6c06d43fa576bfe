using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using V4Agents.Postgres.Local;
using Xunit;

namespace V4Agents.Adapters.Tests.Postgres;

public sealed class ClusterSupervisionTests : IDisposable
{
    private readonly PrivateClusterOptions _options = new() { Directory = TestClusters.NewDirectory() };

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_options.Directory, recursive: true);

    [Fact]
    public async Task Server_WhenKilled_IsStartedAgainByOneOfItsUsersWithEverythingCommitted()
    {
        await using var one = await PrivateCluster.StartAsync(_options, Cancelled);
        await using var other = await PrivateCluster.StartAsync(_options, Cancelled);
        await ExecuteAsync(one, "CREATE TABLE kept (n int)");
        using var first = Supervise(one);
        using var second = Supervise(other);
        await first.StartAsync(Cancelled);
        await second.StartAsync(Cancelled);

        var killed = TestClusters.PidOf(_options.Directory);
        await TestClusters.KillAsync(killed, Cancelled);
        await AnswersAsync(other);

        Assert.NotEqual(killed, TestClusters.PidOf(_options.Directory));
        await first.StopAsync(Cancelled);
        await second.StopAsync(Cancelled);
    }

    private static ClusterSupervision Supervise(PrivateCluster cluster) => new(cluster, TimeProvider.System, NullLogger<ClusterSupervision>.Instance);

    private static async Task AnswersAsync(PrivateCluster cluster)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Cancelled);
        limit.CancelAfter(TimeSpan.FromMinutes(1));
        while (true)
        {
            try
            {
                await ExecuteAsync(cluster, "INSERT INTO kept VALUES (1)");
                return;
            }
            catch (NpgsqlException) when (!limit.IsCancellationRequested)
            {
                await Task.Delay(50, limit.Token);
            }
        }
    }

    private static async Task ExecuteAsync(PrivateCluster cluster, string sql)
    {
        await using var connection = new NpgsqlConnection(cluster.ConnectionString);
        await connection.OpenAsync(Cancelled);
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(Cancelled);
    }
}
