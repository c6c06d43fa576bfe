using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Npgsql;
using V4Agents.Core.Blobs;
using V4Agents.Core.Journal;
using V4Agents.Core.Sandboxing;
using V4Agents.Postgres.Blobs;
using V4Agents.Postgres.Journal;
using V4Agents.Postgres.Projections;
using V4Agents.Postgres.Sandboxing;

namespace V4Agents.Postgres;

public static class PostgresServices
{
    /// <summary>Enough for every statement of this project.</summary>
    private const int Prepared = 32;

    /// <summary>Journal, summaries, blobs and the sandbox registry on one database, which <see cref="Migrations.Migrator"/> has brought up to date.</summary>
    public static IServiceCollection AddPostgres(this IServiceCollection services, string connectionString)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(_ => NpgsqlDataSource.Create(Tuned(connectionString)));
        services.AddSingleton<TaskEventListener>();
        services.AddSingleton<ITaskJournal, TaskJournal>();
        services.AddSingleton<ITaskSummaries, TaskSummaries>();
        services.AddSingleton<IBlobStore, BlobStore>();
        services.AddSingleton<ISandboxRegistry, SandboxRegistry>();
        return services;
    }

    /// <summary>
    /// Statements are prepared unless the connection string decides about it (a pooler in between may forbid it). Sessions go back to the pool as they
    /// are: nothing here leaves a setting or a lock behind, and clearing them would cost every statement another.
    /// </summary>
    private static string Tuned(string connectionString)
    {
        var given = new NpgsqlConnectionStringBuilder(connectionString);
        var prepared = given.ShouldSerialize("Max Auto Prepare") ? given.MaxAutoPrepare : Prepared;
        return new NpgsqlConnectionStringBuilder(connectionString) { MaxAutoPrepare = prepared, NoResetOnClose = true }.ConnectionString;
    }
}
