using System.Security.Cryptography;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using V4Agents.Core.Blobs;
using V4Agents.Core.Journal;
using V4Agents.Postgres;
using V4Agents.Postgres.Local;
using V4Agents.Postgres.Migrations;

namespace V4Agents.Benchmarks;

/// <summary>The adapters as the service composes them, on a throw-away cluster with the durable settings that the service uses.</summary>
internal sealed class BenchmarkDatabase : IAsyncDisposable
{
    private readonly string _directory;
    private readonly PrivateCluster _cluster;
    private readonly ServiceProvider _services;

    private BenchmarkDatabase(string directory, PrivateCluster cluster)
    {
        _directory = directory;
        _cluster = cluster;
        _services = new ServiceCollection().AddLogging().AddPostgres(cluster.ConnectionString).BuildServiceProvider();
    }

    public string ConnectionString => _cluster.ConnectionString;

    public string Version => _cluster.Version;

    public ITaskJournal Journal => _services.GetRequiredService<ITaskJournal>();

    public IBlobStore Blobs => _services.GetRequiredService<IBlobStore>();

    public NpgsqlDataSource Source => _services.GetRequiredService<NpgsqlDataSource>();

    public static async Task<BenchmarkDatabase> StartAsync(CancellationToken cancellationToken)
    {
        var directory = Path.Combine(Path.GetTempPath(), $"v4-bench-{RandomNumberGenerator.GetHexString(8, lowercase: true)}");
        var cluster = await PrivateCluster.StartAsync(new PrivateClusterOptions { Directory = directory }, cancellationToken);
        await Migrator.MigrateAsync(cluster.ConnectionString, cancellationToken);
        return new BenchmarkDatabase(directory, cluster);
    }

    public async Task ExecuteAsync(string sql, CancellationToken cancellationToken)
    {
        await using var command = Source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    public async Task<T> ScalarAsync<T>(string sql, CancellationToken cancellationToken)
    {
        await using var command = Source.CreateCommand(sql);
        return (T)(await command.ExecuteScalarAsync(cancellationToken))!; // The queries of the benchmarks always have a row.
    }

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        await _cluster.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }
}
