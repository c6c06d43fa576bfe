using System.Diagnostics;

namespace V4Agents.Chaos.World;

/// <summary>
/// A Docker daemon that nobody else uses, with everything it has below one directory. It needs root. Its images come from the machine's engine.
/// Disposing ends it with every container it has.
/// </summary>
internal sealed class OwnEngine : IEngine
{
    private static readonly TimeSpan StartWithin = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan EndWithin = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(100);

    private readonly string _directory;
    private Process? _daemon;

    private OwnEngine(string directory) => _directory = directory;

    public string Host => $"unix://{_directory}/docker.sock";

    public bool IsOwn => true;

    public static async Task<OwnEngine> StartAsync(string directory, CancellationToken cancellationToken)
    {
        var engine = new OwnEngine(directory);
        Directory.CreateDirectory(directory);
        try
        {
            await engine.StartAsync(cancellationToken);
            await engine.LoadAsync(Environment.GetEnvironmentVariable("Sandbox__Image")
                ?? throw new InvalidOperationException("Sandbox__Image is not set. Run ./v4 chaos, which sets it."));
            return engine;
        }
        catch
        {
            await engine.DisposeAsync();
            throw;
        }
    }

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        // No bridge and no rules: sandboxes have no network, and the machine's own is none of ours.
        _daemon = Programs.Start(
            "bash",
            ["-c", "exec dockerd \"$@\" >>\"$0\" 2>&1", $"{_directory}/dockerd.log",
                "--host", Host, "--data-root", $"{_directory}/data", "--exec-root", $"{_directory}/exec", "--pidfile", $"{_directory}/dockerd.pid",
                "--bridge", "none", "--iptables=false", "--ip-forward=false", "--ip-masq=false"]);
        for (var waited = Stopwatch.StartNew(); (await Programs.RunAsync("docker", ["-H", Host, "version"])).ExitCode != 0; await Task.Delay(Poll, cancellationToken))
        {
            if (_daemon.HasExited || waited.Elapsed > StartWithin)
            {
                throw new InvalidOperationException($"dockerd does not answer; its log is {_directory}/dockerd.log.");
            }
        }
    }

    public async Task EndAsync(string signal, CancellationToken cancellationToken)
    {
        await Signals.SendAsync(signal, _daemon!.Id); // Started by StartAsync.
        await _daemon.WaitForExitAsync(cancellationToken);
        _daemon.Dispose();
        _daemon = null;

        // Its socket outlives a killed daemon, and nothing listens there.
        File.Delete($"{_directory}/docker.sock");
    }

    public async ValueTask DisposeAsync()
    {
        if (_daemon is { HasExited: true })
        {
            // Whatever it had started would be nobody's.
            _daemon = null;
            await StartAsync(CancellationToken.None);
        }

        if (_daemon is not null)
        {
            using var limit = new CancellationTokenSource(EndWithin);
            var left = await Programs.MustAsync("/", "docker", "-H", Host, "ps", "-aq");
            await Programs.RunAsync("docker", ["-H", Host, "rm", "-f", "-v", .. left.Split('\n', StringSplitOptions.RemoveEmptyEntries)]);
            await EndAsync("TERM", limit.Token);
        }

        foreach (var mount in (await File.ReadAllLinesAsync("/proc/self/mounts")).Select(line => line.Split(' ')[1]).Where(it => it.StartsWith(_directory + "/", StringComparison.Ordinal)))
        {
            await Programs.RunAsync("umount", ["-l", mount]);
        }
    }

    private async Task LoadAsync(string image) =>
        await Programs.MustAsync("/", "bash", "-o", "pipefail", "-c", "docker save \"$1\" | docker -H \"$0\" load -q", Host, image);
}
