using System.Net;
using System.Net.Sockets;
using Npgsql;
using Orleans.Configuration;
using Orleans.Storage;
using V4Agents.Grains.Hosting;

namespace V4Agents.Service.Hosting;

/// <summary>The Orleans silo inside the service, with everything it keeps in PostgreSQL.</summary>
internal static class SiloSetup
{
    private const string ClusterId = "v4agents";
    private const string Invariant = "Npgsql";

    public static void AddSilo(this IHostApplicationBuilder builder, string connectionString, SiloOptions options)
    {
        builder.UseOrleans(silo =>
        {
            silo.Configure<ClusterOptions>(cluster =>
            {
                cluster.ClusterId = ClusterId;
                cluster.ServiceId = ClusterId;
            });
            silo.ConfigureEndpoints(IPAddress.Parse(options.Address), options.Port, options.GatewayPort);
            silo.UseAdoNetClustering(clustering => (clustering.Invariant, clustering.ConnectionString) = (Invariant, connectionString));
            silo.UseAdoNetReminderService(reminders => (reminders.Invariant, reminders.ConnectionString) = (Invariant, connectionString));
            silo.AddAdoNetGrainStorageAsDefault(storage => storage.Configure<IServiceProvider>((grains, services) =>
            {
                (grains.Invariant, grains.ConnectionString) = (Invariant, connectionString);
                grains.GrainStorageSerializer = ActivatorUtilities.CreateInstance<SystemTextJsonGrainStorageSerializer>(services);
            }));
        });
        builder.Services.AddGrainSerialization();
    }

    /// <summary>Ports for a silo that nobody else has to find by configuration.</summary>
    public static SiloOptions WithFreePorts(this SiloOptions options)
    {
        using var silo = new TcpListener(IPAddress.Loopback, 0);
        using var gateway = new TcpListener(IPAddress.Loopback, 0);
        silo.Start();
        gateway.Start();
        return new SiloOptions
        {
            Address = options.Address,
            Port = ((IPEndPoint)silo.LocalEndpoint).Port,
            GatewayPort = ((IPEndPoint)gateway.LocalEndpoint).Port,
        };
    }

    /// <summary>
    /// Forgets silos that were killed, which the new one would otherwise wait for. Only for a database that the caller's lock makes its own:
    /// no other silo can be alive then.
    /// </summary>
    public static async Task ForgetDeadSilosAsync(string connectionString, CancellationToken cancellationToken)
    {
        await using var source = NpgsqlDataSource.Create(connectionString);
        await using var command = source.CreateCommand("DELETE FROM orleans_silos WHERE cluster_id = $1");
        command.Parameters.Add(new() { Value = ClusterId });
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
