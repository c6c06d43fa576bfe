using V4Agents.Postgres.Local;

namespace V4Agents.EndToEnd.Tests.World;

/// <summary>A PostgreSQL server that no service owns.</summary>
internal sealed class SharedDatabase : IAsyncDisposable
{
    private readonly string _directory = Path.Combine(Path.GetTempPath(), $"v4-pg-{Guid.NewGuid():N}"[..14]);
    private PrivateCluster? _server;

    public string ConnectionString { get; private set; } = ""; // Set by StartAsync.

    public static async Task<SharedDatabase> CreateAsync()
    {
        var database = new SharedDatabase();
        await database.StartAsync();
        return database;
    }

    public async Task StartAsync()
    {
        _server = await PrivateCluster.StartAsync(new PrivateClusterOptions { Directory = _directory }, CancellationToken.None);
        ConnectionString = _server.ConnectionString;
    }

    /// <summary>A fast shutdown: whoever is connected is thrown out.</summary>
    public async Task StopAsync()
    {
        await _server!.DisposeAsync();
        _server = null;
    }

    public async Task<T> ScalarAsync<T>(string sql)
    {
        await using var source = Npgsql.NpgsqlDataSource.Create(ConnectionString);
        await using var command = source.CreateCommand(sql);
        return (T)(await command.ExecuteScalarAsync())!;
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
        {
            await StopAsync();
        }

        Directory.Delete(_directory, recursive: true);
    }
}
