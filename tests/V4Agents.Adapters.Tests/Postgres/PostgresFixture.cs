using Npgsql;
using V4Agents.Postgres.Local;
using V4Agents.Postgres.Migrations;
using Xunit;

namespace V4Agents.Adapters.Tests.Postgres;

/// <summary>One throw-away cluster for all tests of the collection, and a fresh database for each that asks.</summary>
public sealed class PostgresFixture : IAsyncLifetime
{
    private readonly string _directory = TestClusters.NewDirectory();
    private PrivateCluster? _cluster;
    private int _databases;

    internal PrivateCluster Cluster => _cluster ?? throw new InvalidOperationException("The cluster has not started.");

    internal string ClusterDirectory => _directory;

    public async ValueTask InitializeAsync()
    {
        _cluster = await PrivateCluster.StartAsync(new PrivateClusterOptions { Directory = _directory }, CancellationToken.None);

        // Nothing here has to survive a power cut, and dozens of databases are created.
        await ExecuteAsync("ALTER SYSTEM SET fsync = off", "SELECT pg_reload_conf()");
        await Migrator.MigrateAsync(ConnectionTo("v4agents"), CancellationToken.None);
    }

    /// <summary>A copy of the migrated database.</summary>
    internal Task<TestDatabase> CreateDatabaseAsync() => CreateDatabaseAsync("v4agents");

    internal async Task<TestDatabase> CreateEmptyDatabaseAsync() => await CreateDatabaseAsync("template0");

    public async ValueTask DisposeAsync()
    {
        if (_cluster is not null)
        {
            await _cluster.DisposeAsync();
        }

        Directory.Delete(_directory, recursive: true);
    }

    private async Task<TestDatabase> CreateDatabaseAsync(string template)
    {
        var name = $"test{Interlocked.Increment(ref _databases)}";
        await ExecuteAsync($"CREATE DATABASE {name} TEMPLATE {template}");
        return new TestDatabase(ConnectionTo(name));
    }

    private async Task ExecuteAsync(params string[] statements)
    {
        await using var connection = new NpgsqlConnection(ConnectionTo("postgres"));
        await connection.OpenAsync();
        foreach (var statement in statements)
        {
            await using var command = new NpgsqlCommand(statement, connection);
            await command.ExecuteNonQueryAsync();
        }
    }

    private string ConnectionTo(string database) =>
        new NpgsqlConnectionStringBuilder(Cluster.ConnectionString) { Database = database, Pooling = database != "v4agents" }.ConnectionString;
}
