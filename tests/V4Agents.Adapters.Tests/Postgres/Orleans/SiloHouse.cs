using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;
using Orleans.Hosting;

namespace V4Agents.Adapters.Tests.Postgres.Orleans;

/// <summary>A real silo whose membership, grain state and reminders are in one database.</summary>
internal sealed class SiloHouse : IAsyncDisposable
{
    public const string Storage = "storage";
    public const string DeletingStorage = "deleting";

    private readonly IHost _host;

    private SiloHouse(IHost host) => _host = host;

    public IServiceProvider Services => _host.Services;

    public static async Task<SiloHouse> StartAsync(string connectionString, CancellationToken cancellationToken)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.UseOrleans(silo => silo
            .Configure<ClusterOptions>(options => (options.ClusterId, options.ServiceId) = ("tests", "tests"))
            .ConfigureEndpoints(IPAddress.Loopback, FreePort(), FreePort())
            .UseSystemTextJsonGrainStorageSerializer()
            .UseAdoNetClustering(options => (options.Invariant, options.ConnectionString) = ("Npgsql", connectionString))
            .UseAdoNetReminderService(options => (options.Invariant, options.ConnectionString) = ("Npgsql", connectionString))
            .AddAdoNetGrainStorage(Storage, options => Configure(options, connectionString, deletes: false))
            .AddAdoNetGrainStorage(DeletingStorage, options => Configure(options, connectionString, deletes: true)));
        var host = builder.Build();
        await host.StartAsync(cancellationToken);
        return new SiloHouse(host);
    }

    public INotebookGrain Notebook(string key) => Services.GetRequiredService<IGrainFactory>().GetGrain<INotebookGrain>(key);

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
    }

    private static void Configure(AdoNetGrainStorageOptions options, string connectionString, bool deletes)
    {
        options.Invariant = "Npgsql";
        options.ConnectionString = connectionString;
        options.DeleteStateOnClear = deletes;
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
