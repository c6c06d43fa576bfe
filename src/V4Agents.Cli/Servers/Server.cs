using V4Agents.Client;
using V4Agents.Service.Hosting;

namespace V4Agents.Cli.Servers;

/// <summary>The service a command talks to: one named, one that runs on the data directory, or one in this process.</summary>
internal sealed class Server : IAsyncDisposable
{
    private readonly HttpClient _http;
    private readonly V4Service? _service;

    private Server(Uri url, V4Service? service, TimeProvider clock)
    {
        _http = new HttpClient { BaseAddress = url, Timeout = Timeout.InfiniteTimeSpan };
        _service = service;
        Client = new TasksClient(_http, clock);
    }

    public TasksClient Client { get; }

    /// <summary>Tasks stop, and go on later, when the command ends.</summary>
    public bool IsInProcess => _service is not null;

    /// <summary>Cancelled when a service in this process stops on its own account.</summary>
    public CancellationToken Ended => _service?.Stopping ?? CancellationToken.None;

    /// <param name="work">Whether a service that is started for this command goes on with unfinished tasks.</param>
    /// <param name="only">The one task that such a service works on; null for all.</param>
    public static async Task<Server> ConnectAsync(CliHost host, string? address, bool work, CancellationToken cancellationToken, string? only = null)
    {
        if ((address ?? host.Environment.GetValueOrDefault("V4_SERVER")) is { Length: > 0 } named)
        {
            return new Server(Parse(named), service: null, host.Clock);
        }

        var settings = host.Settings() with { Work = work, OnlyTask = only };
        return ServiceFile.Find(settings.Home) is { } running
            ? new Server(Parse(running.Url), service: null, host.Clock)
            : await StartAsync(host, settings, cancellationToken);
    }

    public static async Task<Server> StartAsync(CliHost host, ServiceSettings settings, CancellationToken cancellationToken)
    {
        var service = await V4Service.StartAsync(settings with { Listen = "http://127.0.0.1:0" }, cancellationToken);
        return new Server(Parse(service.Url), service, host.Clock);
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        if (_service is not null)
        {
            await _service.DisposeAsync();
        }
    }

    private static Uri Parse(string address) =>
        Uri.TryCreate(address.TrimEnd('/') + "/", UriKind.Absolute, out var url) && url.Scheme is "http" or "https"
            ? url
            : throw new UsageException($"'{address}' is not a server's address. Use one like http://127.0.0.1:8484.");
}
