using Npgsql;
using V4Agents.Postgres.Local;

namespace V4Agents.Chaos.World;

/// <summary>The PostgreSQL server of a run: a cluster of its own that can be killed, and questions to it that outlast that.</summary>
internal sealed class Database : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    private readonly PrivateCluster _cluster;

    private Database(PrivateCluster cluster) => _cluster = cluster;

    public string ConnectionString => _cluster.ConnectionString;

    public static async Task<Database> StartAsync(string directory, CancellationToken cancellationToken) =>
        new(await PrivateCluster.StartAsync(new PrivateClusterOptions { Directory = directory }, cancellationToken));

    /// <summary>Another, empty database of the same server.</summary>
    public async Task<string> CreateAsync(string name, CancellationToken cancellationToken)
    {
        await ExecuteAsync($"CREATE DATABASE {name}", cancellationToken);
        return new NpgsqlConnectionStringBuilder(ConnectionString) { Database = name }.ConnectionString;
    }

    /// <returns>How many connections were ended.</returns>
    public async Task<long> CutConnectionsAsync(CancellationToken cancellationToken)
    {
        await using var connection = await OpenAsync(ConnectionString, cancellationToken);
        await using var cut = new NpgsqlCommand(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'", connection);
        return (long)(await cut.ExecuteScalarAsync(cancellationToken))!; // A count is never null.
    }

    /// <summary>Immediate shutdown, which is a crash to the server: it recovers from its log.</summary>
    public async Task CrashAsync(CancellationToken cancellationToken)
    {
        var lockFile = Path.Combine(_cluster.Directory, "data", "postmaster.pid");
        await Signals.SendAsync("QUIT", int.Parse((await File.ReadAllLinesAsync(lockFile, cancellationToken))[0]));
        while (_cluster.IsRunning)
        {
            await Task.Delay(Pause, cancellationToken);
        }
    }

    public Task ReviveAsync(CancellationToken cancellationToken) => _cluster.ReviveAsync(cancellationToken);

    /// <summary>Asks again while the server is away, which it may be on purpose.</summary>
    public static async Task<IReadOnlyList<T>> QueryAsync<T>(
        string database, string sql, Func<NpgsqlDataReader, T> read, CancellationToken cancellationToken, params object[] parameters)
    {
        for (var until = DateTime.UtcNow + Patience; ; await Task.Delay(Pause, cancellationToken))
        {
            try
            {
                await using var connection = await OpenAsync(database, cancellationToken);
                await using var command = new NpgsqlCommand(sql, connection);
                foreach (var parameter in parameters)
                {
                    command.Parameters.Add(new NpgsqlParameter { Value = parameter });
                }

                var rows = new List<T>();
                await using var reader = await command.ExecuteReaderAsync(cancellationToken);
                while (await reader.ReadAsync(cancellationToken))
                {
                    rows.Add(read(reader));
                }

                return rows;
            }
            catch (Exception e) when (IsAway(e) && DateTime.UtcNow < until)
            {
                // Killed by us, or not yet back.
            }
        }
    }

    public Task<IReadOnlyList<T>> QueryAsync<T>(string sql, Func<NpgsqlDataReader, T> read, CancellationToken cancellationToken, params object[] parameters) =>
        QueryAsync(ConnectionString, sql, read, cancellationToken, parameters);

    public async ValueTask DisposeAsync()
    {
        NpgsqlConnection.ClearAllPools();
        await _cluster.DisposeAsync();
    }

    private async Task ExecuteAsync(string sql, CancellationToken cancellationToken)
    {
        await using var connection = await OpenAsync(ConnectionString, cancellationToken);
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    // Pooled connections would not know that the server was killed under them.
    private static async Task<NpgsqlConnection> OpenAsync(string database, CancellationToken cancellationToken)
    {
        var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(database) { Pooling = false }.ConnectionString);
        await connection.OpenAsync(cancellationToken);
        return connection;
    }

    private static bool IsAway(Exception e) => e is PostgresException { SqlState: "57P01" or "57P02" or "57P03" or "42P01" } || e is NpgsqlException and not PostgresException;
}
