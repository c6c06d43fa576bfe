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
    /// <summary>Journal, summaries, blobs and the sandbox registry on one database, which <see cref="Migrations.Migrator"/> has brought up to date.</summary>
    public static IServiceCollection AddPostgres(this IServiceCollection services, string connectionString)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(_ => NpgsqlDataSource.Create(connectionString));
        services.AddSingleton<TaskEventListener>();
        services.AddSingleton<ITaskJournal, TaskJournal>();
        services.AddSingleton<ITaskSummaries, TaskSummaries>();
        services.AddSingleton<IBlobStore, BlobStore>();
        services.AddSingleton<ISandboxRegistry, SandboxRegistry>();
        return services;
    }
}
