using System.Diagnostics;
using Docker.DotNet;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using V4Agents.Core.Sandboxing;
using V4Agents.Core.Tasks;
using V4Agents.Sandboxes.Docker;
using Xunit;

namespace V4Agents.Adapters.Tests.Sandboxes;

/// <summary>The real engine and the real image; whatever the tests open is removed at the end.</summary>
public sealed class SandboxEngine : IAsyncLifetime
{
    private readonly List<ISandbox> _opened = [];
    private ServiceProvider? _services;

    public static readonly TaskId Task = new("t-aaaaaaaaaaaaaaaaaaaa");

    public string Instance { get; } = "test-" + Guid.NewGuid().ToString("N")[..12];

    public string Image { get; private set; } = "";

    public ISandboxes Sandboxes => _services!.GetRequiredService<ISandboxes>();

    public DockerClient Docker { get; } = new DockerClientBuilder().WithEndpoint(new Uri("unix:///var/run/docker.sock")).Build();

    public async ValueTask InitializeAsync()
    {
        Image = await ImageAsync();
        _services = Services(new Dictionary<string, string?> { ["Sandbox:Image"] = Image });
    }

    public static async Task<string> ImageAsync() => Environment.GetEnvironmentVariable("Sandbox__Image") ?? await TagAsync();

    public static ServiceProvider Services(Dictionary<string, string?> settings, TimeProvider? time = null) => new ServiceCollection()
        .AddSingleton(time ?? TimeProvider.System)
        .AddSingleton<IConfiguration>(new ConfigurationBuilder().AddInMemoryCollection(settings).Build())
        .AddLogging()
        .AddDockerSandboxes()
        .BuildServiceProvider();

    public SandboxSpec Spec(TimeSpan? lifetime = null) =>
        new(new SandboxId("v4-test-" + Guid.NewGuid().ToString("N")[..12]), Task, Instance, lifetime ?? TimeSpan.FromMinutes(10));

    public async Task<ISandbox> OpenAsync(SandboxSpec? spec = null)
    {
        var sandbox = await Sandboxes.OpenAsync(spec ?? Spec(), TestContext.Current.CancellationToken);
        lock (_opened)
        {
            _opened.Add(sandbox);
        }

        return sandbox;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var sandbox in _opened)
        {
            await sandbox.DisposeAsync();
        }

        foreach (var listing in await Sandboxes.ListAsync(Instance, CancellationToken.None))
        {
            await Sandboxes.RemoveAsync(listing.Id, CancellationToken.None);
        }

        Docker.Dispose();
        await _services!.DisposeAsync();
    }

    private static async Task<string> TagAsync()
    {
        var root = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(root, "V4Agents.sln")))
        {
            root = Path.GetDirectoryName(root) ?? throw new InvalidOperationException("The tests do not run inside the repository.");
        }

        using var process = Process.Start(new ProcessStartInfo(Path.Combine(root, "sandboxes/build.sh"), ["--tag"]) { RedirectStandardOutput = true })!;
        return (await process.StandardOutput.ReadToEndAsync()).Trim();
    }
}
