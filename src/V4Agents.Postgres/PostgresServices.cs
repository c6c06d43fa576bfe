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

    private const string PlanOnceSql = "SET plan_cache_mode = force_generic_plan";

    /// <summary>Journal, summaries, blobs and the sandbox registry on one database, which <see cref="Migrations.Migrator"/> has brought up to date.</summary>
    public static IServiceCollection AddPostgres(this IServiceCollection services, string connectionString)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(_ => Open(connectionString));
        services.AddSingleton<TaskEventListener>();
        services.AddSingleton<IForeignAppends, ForeignAppends>();
        services.AddSingleton<ITaskJournal, TaskJournal>();
        services.AddSingleton<ITaskSummaries, TaskSummaries>();
        services.AddSingleton<IBlobStore, BlobStore>();
        services.AddSingleton<ISandboxRegistry, SandboxRegistry>();
        return services;
    }

    /// <summary>
    /// Statements are prepared unless the connection string decides about it (a pooler in between may forbid it), and planned once: the journal's would
    /// be planned anew each time, which takes longer than running them. Sessions go back to the pool as they are: nothing here leaves a lock behind,
    /// and clearing them would cost every statement another.
    /// </summary>
    private static NpgsqlDataSource Open(string connectionString)
    {
        var source = new NpgsqlDataSourceBuilder(connectionString);
        source.ConnectionStringBuilder.NoResetOnClose = true;
        if (!source.ConnectionStringBuilder.ShouldSerialize("Max Auto Prepare"))
        {
            source.ConnectionStringBuilder.MaxAutoPrepare = Prepared;
        }

        source.UsePhysicalConnectionInitializer(
            connection =>
            {
                using var plan = new NpgsqlCommand(PlanOnceSql, connection);
                plan.ExecuteNonQuery();
            },
            async connection =>
            {
                await using var plan = new NpgsqlCommand(PlanOnceSql, connection);
                await plan.ExecuteNonQueryAsync();
            });
        return source.Build();
    }
}
