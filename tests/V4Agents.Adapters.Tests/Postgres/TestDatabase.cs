using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;
using V4Agents.Core.Blobs;
using V4Agents.Core.Journal;
using V4Agents.Core.Sandboxing;
using V4Agents.Postgres;

namespace V4Agents.Adapters.Tests.Postgres;

/// <summary>The adapters as a host composes them, on one database.</summary>
internal sealed class TestDatabase : IAsyncDisposable
{
    private readonly ServiceProvider _services;

    public TestDatabase(string connectionString)
    {
        ConnectionString = connectionString;
        _services = new ServiceCollection().AddLogging().AddPostgres(connectionString).BuildServiceProvider();
    }

    public string ConnectionString { get; }

    public NpgsqlDataSource Source => _services.GetRequiredService<NpgsqlDataSource>();

    public ITaskJournal Journal => _services.GetRequiredService<ITaskJournal>();

    public ITaskSummaries Summaries => _services.GetRequiredService<ITaskSummaries>();

    public IBlobStore Blobs => _services.GetRequiredService<IBlobStore>();

    public ISandboxRegistry Sandboxes => _services.GetRequiredService<ISandboxRegistry>();

    public async Task<T> ScalarAsync<T>(string sql, CancellationToken cancellationToken)
    {
        await using var command = Source.CreateCommand(sql);
        return (T)(await command.ExecuteScalarAsync(cancellationToken))!; // The queries of the tests always have a row.
    }

    public async Task ExecuteAsync(string sql, CancellationToken cancellationToken)
    {
        await using var command = Source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Returns once a session waits for a lock, and gives its process id.</summary>
    public async Task<int> BlockedSessionAsync(CancellationToken cancellationToken) => (await BlockedSessionsAsync(1, cancellationToken))[0];

    /// <summary>Returns once so many sessions wait for a lock, and gives their process ids.</summary>
    public async Task<IReadOnlyList<int>> BlockedSessionsAsync(int count, CancellationToken cancellationToken)
    {
        await using var watcher = await Source.OpenConnectionAsync(cancellationToken);
        await using var command = new NpgsqlCommand(
            "SELECT array_agg(pid) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'", watcher);
        while (true)
        {
            if (await command.ExecuteScalarAsync(cancellationToken) is int[] pids && pids.Length >= count)
            {
                return pids;
            }

            await Task.Yield();
        }
    }

    public ValueTask DisposeAsync() => _services.DisposeAsync();
}
