using Npgsql;

namespace V4Agents.Postgres.Local;

/// <summary>
/// A PostgreSQL server of our own on a unix socket, for a machine where nobody set one up. Disposing stops it, unless another process uses it
/// too. A server that outlived a killed service is attached to, never doubled.
/// </summary>
public sealed class PrivateCluster : IAsyncDisposable
{
    private readonly ClusterServer _server;
    private readonly ClusterLocks _locks;
    private readonly IDisposable _use;
    private readonly TimeSpan _startTimeout;
    private bool _disposed;

    private PrivateCluster(ClusterServer server, ClusterLocks locks, IDisposable use, string directory, TimeSpan startTimeout, string connectionString)
    {
        _server = server;
        _locks = locks;
        _use = use;
        _startTimeout = startTimeout;
        Directory = directory;
        ConnectionString = connectionString;
    }

    public string Directory { get; }

    public string ConnectionString { get; }

    /// <summary>The server's version, such as <c>15.18</c>.</summary>
    public string Version => _server.Binaries.Version;

    /// <summary>Whether there is a server process, be it one that is starting or stopping.</summary>
    internal bool IsRunning => _server.IsRunning;

    /// <summary>The PostgreSQL that a private cluster would use, or null when none is installed.</summary>
    public static PostgresBinaries? FindBinaries(string? binDirectory = null) => PostgresBinaries.Find(binDirectory, major: null);

    /// <exception cref="DatabaseUnavailableException">PostgreSQL is not installed, may not use the directory, or does not start.</exception>
    public static async Task<PrivateCluster> StartAsync(PrivateClusterOptions options, CancellationToken cancellationToken)
    {
        var directory = Path.TrimEndingDirectorySeparator(Path.GetFullPath(options.Directory));
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(options.StartTimeout);
        try
        {
            var server = await ClusterServer.PrepareAsync(options, directory, timeout.Token);
            var locks = new ClusterLocks(directory);
            using var entered = await locks.EnterAsync(timeout.Token);
            var connection = await server.RunAsync(timeout.Token);
            await CreateDatabaseAsync(connection, options.Database, timeout.Token);
            connection.Database = options.Database;
            return new PrivateCluster(server, locks, locks.Use(), directory, options.StartTimeout, connection.ConnectionString);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new DatabaseUnavailableException(
                $"The private database in '{directory}' was not ready after {options.StartTimeout}. "
                + $"Its log, '{Path.Combine(directory, ClusterServer.LogName)}', says why.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NpgsqlException)
        {
            throw new DatabaseUnavailableException($"The private database in '{directory}' cannot be used: {e.Message}", e);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, true))
        {
            return;
        }

        await using (var pooled = new NpgsqlConnection(ConnectionString))
        {
            NpgsqlConnection.ClearPool(pooled);
        }

        using var entered = await _locks.EnterAsync(CancellationToken.None);
        _use.Dispose();
        if (_locks.IsUnused())
        {
            await _server.StopAsync(CancellationToken.None);
        }
    }

    /// <summary>Starts a server that has died, unless another user of the cluster was faster.</summary>
    internal async Task ReviveAsync(CancellationToken cancellationToken)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(_startTimeout);
        using var entered = await _locks.EnterAsync(timeout.Token);
        await _server.RunAsync(timeout.Token);
    }

    private static async Task CreateDatabaseAsync(NpgsqlConnectionStringBuilder server, string database, CancellationToken cancellationToken)
    {
        await using var connection = new NpgsqlConnection(server.ConnectionString + ";Pooling=false");
        await connection.OpenAsync(cancellationToken);
        await using var exists = new NpgsqlCommand("SELECT count(*) FROM pg_database WHERE datname = $1", connection)
        {
            Parameters = { new() { Value = database } },
        };
        if (await exists.ExecuteScalarAsync(cancellationToken) is 0L)
        {
            await using var create = new NpgsqlCommand($"CREATE DATABASE \"{database.Replace("\"", "\"\"")}\"", connection);
            await create.ExecuteNonQueryAsync(cancellationToken);
        }
    }
}
