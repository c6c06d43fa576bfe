using System.Net;
using Orleans.Configuration;
using Orleans.Storage;
using V4Agents.Grains.Hosting;

namespace V4Agents.Service.Hosting;

/// <summary>The Orleans silo inside the service, with everything it keeps in PostgreSQL.</summary>
internal static class SiloSetup
{
    public const string ClusterId = "v4agents";

    private const string Invariant = "Npgsql";

    /// <summary>A silo of the database's cluster: tasks run on it, and move to another when it dies.</summary>
    public static void AddSilo(this IHostApplicationBuilder builder, string connectionString, SiloIdentity identity)
    {
        builder.UseOrleans(silo =>
        {
            silo.Configure<ClusterOptions>(cluster => (cluster.ClusterId, cluster.ServiceId) = (ClusterId, ClusterId));
            silo.Configure<Orleans.Configuration.SiloOptions>(it => it.SiloName = identity.Name);
            silo.Configure<ClusterMembershipOptions>(Tune);

            // No gateway: the only client of a silo is the API in its own process.
            silo.ConfigureEndpoints(identity.EndPoint.Address, identity.Port, gatewayPort: 0);
            silo.UseAdoNetClustering(clustering => (clustering.Invariant, clustering.ConnectionString) = (Invariant, connectionString));
            silo.UseAdoNetReminderService(reminders => (reminders.Invariant, reminders.ConnectionString) = (Invariant, connectionString));
            silo.AddStorage(connectionString);
        });
        builder.Services.AddSingleton<IFatalErrorHandler, Fence>();
        builder.Services.AddGrainSerialization();
    }

    /// <summary>
    /// A silo alone in a cluster of its own, in memory: nobody else's grains are ever placed on it, and it takes none of theirs. What it is asked
    /// is answered from the journal.
    /// </summary>
    public static void AddLoneSilo(this IHostApplicationBuilder builder, string connectionString, SiloIdentity identity)
    {
        var alone = $"v4agents-looking-{Guid.NewGuid():N}";
        builder.UseOrleans(silo =>
        {
            silo.UseLocalhostClustering(identity.Port, gatewayPort: 0, primarySiloEndpoint: null, alone, alone);
            silo.UseInMemoryReminderService();
            silo.AddStorage(connectionString);
        });
        builder.Services.AddGrainSerialization();
    }

    private static void AddStorage(this ISiloBuilder silo, string connectionString) =>
        silo.AddAdoNetGrainStorageAsDefault(storage => storage.Configure<IServiceProvider>((grains, services) =>
        {
            (grains.Invariant, grains.ConnectionString) = (Invariant, connectionString);
            grains.GrainStorageSerializer = ActivatorUtilities.CreateInstance<SystemTextJsonGrainStorageSerializer>(services);
        }));

    /// <summary>
    /// A silo that is killed or hangs is given up after two missed probes of one silo, a few seconds. A healthy one that was only slow loses
    /// nothing but its process: its tasks go on elsewhere, and the journal takes no word of the one that was given up.
    /// </summary>
    private static void Tune(ClusterMembershipOptions membership)
    {
        membership.ProbeTimeout = TimeSpan.FromSeconds(1);
        membership.NumMissedProbesLimit = 2;
        membership.NumVotesForDeathDeclaration = 1;
        membership.TableRefreshTimeout = TimeSpan.FromSeconds(5);
        membership.IAmAliveTablePublishTimeout = TimeSpan.FromSeconds(5);
    }
}
