using System.ComponentModel;
using System.Diagnostics;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text.Json;
using Microsoft.Extensions.Options;
using V4Agents.Core.Conversations;
using V4Agents.Core.Sandboxing;
using V4Agents.Models;
using V4Agents.Postgres.Local;
using V4Agents.Sandboxes.Docker;

namespace V4Agents.Service.Hosting;

/// <summary>What a service started with these settings would find on this machine.</summary>
public static class Diagnosis
{
    private const string Unix = "unix://";

    public static async Task<IReadOnlyList<Finding>> RunAsync(ServiceSettings settings, CancellationToken cancellationToken)
    {
        var services = new ServiceCollection().AddLogging().AddSingleton(TimeProvider.System)
            .AddSingleton<IConfiguration>(new ConfigurationBuilder().AddInMemoryCollection(settings.Options).Build())
            .AddDeepSeekModels().AddDockerSandboxes();
        await using var parts = services.BuildServiceProvider();
        return
        [
            new("dotnet", true, RuntimeInformation.FrameworkDescription, ""),
            await GitAsync(cancellationToken),
            await EngineAsync(settings.Options.GetValueOrDefault("Sandbox:DockerHost") ?? $"{Unix}/var/run/docker.sock", cancellationToken),
            await ImageAsync(parts, cancellationToken),
            Database(settings),
            Model(parts),
        ];
    }

    private static async Task<Finding> GitAsync(CancellationToken cancellationToken)
    {
        const string Fix = "Install git 2.39 or newer and put it on PATH.";
        try
        {
            using var process = Process.Start(new ProcessStartInfo("git", ["--version"]) { RedirectStandardOutput = true })!; // Null only with UseShellExecute.
            var version = await process.StandardOutput.ReadToEndAsync(cancellationToken);
            await process.WaitForExitAsync(cancellationToken);
            return new Finding("git", process.ExitCode == 0, version.Trim(), Fix);
        }
        catch (Win32Exception e)
        {
            return new Finding("git", false, e.Message, Fix);
        }
    }

    private static async Task<Finding> EngineAsync(string address, CancellationToken cancellationToken)
    {
        const string Fix = "Start the Docker engine, and let this user use it (group docker, or DockerHost in the section Sandbox).";
        using var http = new HttpClient(address.StartsWith(Unix, StringComparison.Ordinal) ? OverSocket(address[Unix.Length..]) : new SocketsHttpHandler());
        http.Timeout = TimeSpan.FromSeconds(10);
        try
        {
            var root = address.StartsWith(Unix, StringComparison.Ordinal) ? "http://engine" : address.Replace("tcp://", "http://", StringComparison.Ordinal);
            using var version = JsonDocument.Parse(await http.GetStringAsync($"{root}/version", cancellationToken));
            return new Finding("docker engine", true, $"{version.RootElement.GetProperty("Version")} at {address}", Fix);
        }
        catch (Exception e) when (e is HttpRequestException or JsonException or UriFormatException or InvalidOperationException or ArgumentException or NotSupportedException
            || (e is TaskCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return new Finding("docker engine", false, $"no answer at {address}: {e.Message}", Fix);
        }
    }

    private static SocketsHttpHandler OverSocket(string path) => new()
    {
        ConnectCallback = async (_, token) =>
        {
            var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            try
            {
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), token);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch (SocketException)
            {
                socket.Dispose();
                throw;
            }
        },
    };

    private static async Task<Finding> ImageAsync(IServiceProvider parts, CancellationToken cancellationToken)
    {
        const string Fix = "Run ./v4 setup, which builds the sandbox image.";
        try
        {
            var image = parts.GetRequiredService<IOptions<SandboxOptions>>().Value.Image;
            var problem = await parts.GetRequiredService<ISandboxes>().ProbeAsync(cancellationToken);
            return new Finding("sandbox image", problem is null, problem ?? image, Fix);
        }
        catch (OptionsValidationException e)
        {
            return new Finding("sandbox image", false, string.Join(" ", e.Failures), Fix);
        }
        catch (Exception e) when (e is InvalidOperationException or UriFormatException or ArgumentException or NotSupportedException)
        {
            return new Finding("sandbox image", false, e.Message, "Correct the settings of the section Sandbox, and DOCKER_HOST.");
        }
    }

    private static Finding Database(ServiceSettings settings)
    {
        if (settings.Database is not null)
        {
            return new Finding("database", true, "the one V4_DATABASE names", "");
        }

        var binaries = PrivateCluster.FindBinaries();
        return new Finding(
            "PostgreSQL", binaries is not null, binaries is null ? "no server programs found" : $"{binaries.Version} in {binaries.Directory}",
            "Install PostgreSQL 15 or newer (on Debian: apt-get install postgresql), or set V4_DATABASE to a connection string.");
    }

    private static Finding Model(IServiceProvider parts)
    {
        const string Fix = "Set DEEPSEEK_API_KEY (or V4_MODEL_KEY), or V4_MODEL_URL to an endpoint that wants none. './v4 demo' runs without.";
        try
        {
            var missing = parts.GetRequiredService<IModelClient>().Missing;
            var url = parts.GetRequiredService<IOptions<ModelOptions>>().Value.Url;
            return new Finding("model", missing is null, missing ?? $"{url}, key set or not wanted", Fix);
        }
        catch (OptionsValidationException e)
        {
            return new Finding("model", false, string.Join(" ", e.Failures), Fix);
        }
        catch (InvalidOperationException e)
        {
            return new Finding("model", false, e.Message, "Correct V4_MODEL_STREAM (true or false) and the settings of the section Models.");
        }
    }
}
