using System.Net;
using V4Agents.Simulator.Caching;
using V4Agents.Simulator.Requests;
using V4Agents.Simulator.Scenarios;

namespace V4Agents.Simulator;

/// <summary>A running simulator on loopback. Disposing it breaks the connections that are open.</summary>
public sealed class SimulatorHost : IAsyncDisposable
{
    private const long MaxBodyBytes = 48 * 1024 * 1024;

    private readonly WebApplication _app;
    private readonly RequestLog _log;
    private readonly HoldGate _gate;

    private SimulatorHost(WebApplication app, RequestLog log, HoldGate gate)
    {
        (_app, _log, _gate) = (app, log, gate);
        Url = app.Urls.Single();
    }

    /// <summary>Base address for clients, without a trailing slash.</summary>
    public string Url { get; }

    /// <summary>All chat requests so far, in the order of arrival.</summary>
    public IReadOnlyList<SimulatedRequest> Requests => _log.All;

    /// <exception cref="ScenarioException">The scenario cannot be played.</exception>
    /// <exception cref="IOException">The port is taken, or the scenario file cannot be read.</exception>
    public static async Task<SimulatorHost> StartAsync(SimulatorOptions options, CancellationToken cancellationToken)
    {
        var script = new Script(await ReadScenariosAsync(options, cancellationToken));
        var log = new RequestLog(options.Clock);
        var gate = new HoldGate();
        var outage = new Outage(options.Clock);

        // Nothing is read from the surroundings: no settings file, no environment, no signals of the process that hosts it.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, options.Port);
            kestrel.Limits.MaxRequestBodySize = MaxBodyBytes;
            kestrel.AddServerHeader = false;
        });
        builder.Services.AddRoutingCore();
        builder.Services.AddSingleton<IHostLifetime, UnattendedLifetime>();
        builder.Logging.AddConsole(console => console.LogToStandardErrorThreshold = LogLevel.Trace).SetMinimumLevel(LogLevel.Error)
            .AddFilter(ErrorReport.KestrelCategory, LogLevel.None);

        var app = builder.Build();
        app.Use(new ErrorReport(app.Services.GetRequiredService<ILogger<ErrorReport>>()).HandleAsync);
        app.Use(outage.Over);
        app.UseRouting();
        SimulatorRoutes.Map(
            app, new ChatEndpoint(script, new PrefixCache(), new FaultCounter(), gate, outage, log, options), log, gate, outage, options);
        await app.StartAsync(cancellationToken);
        return new SimulatorHost(app, log, gate);
    }

    /// <summary>Lets all held answers go on.</summary>
    /// <returns>How many were held.</returns>
    public int Release() => _gate.Release();

    /// <summary>The first request that matches, whether it is there already or comes later.</summary>
    public Task<SimulatedRequest> WaitForAsync(Func<SimulatedRequest, bool> predicate, CancellationToken cancellationToken) =>
        _log.WaitForAsync(predicate, cancellationToken);

    public async ValueTask DisposeAsync()
    {
        // Held answers would keep a polite shutdown waiting: an ended token tells Kestrel to abort them.
        await _app.StopAsync(new CancellationToken(canceled: true));
        await _app.DisposeAsync();
    }

    private static async Task<IReadOnlyList<Scenario>> ReadScenariosAsync(SimulatorOptions options, CancellationToken cancellationToken)
    {
        if (options.ScenarioText is { } text)
        {
            return new ScenarioReader("scenario").Read(text);
        }

        var file = options.ScenarioFile ?? throw new ArgumentException("A simulator needs a scenario.", nameof(options));
        return new ScenarioReader(Path.GetFileName(file)).Read(await File.ReadAllTextAsync(file, cancellationToken));
    }
}
