using System.Diagnostics;
using System.Globalization;

namespace V4Agents.TestKit.Docker;

/// <summary>
/// A Docker engine of one's own, with its own socket, images and containers, that may be stopped and killed: the machine's engine is not touched. No network
/// but <c>none</c>. Needs root and the programs of the machine's engine.
/// </summary>
public sealed class PrivateEngine : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly string _directory;
    private Process? _process;

    private PrivateEngine(string directory) => _directory = directory;

    public string Address => $"unix://{Socket}";

    private string Socket => Path.Combine(_directory, "s");

    private string ContainerdPidFile => Path.Combine(_directory, "exec", "containerd", "containerd.pid");

    /// <summary>Starts an engine that has the image, copied from the machine's engine.</summary>
    /// <exception cref="InvalidOperationException">This machine cannot run one, for the reason in the message.</exception>
    public static async Task<PrivateEngine> StartAsync(string image, CancellationToken cancellationToken)
    {
        if (!Environment.IsPrivilegedProcess)
        {
            throw new InvalidOperationException("A private Docker engine needs root. Run these tests as root (sudo).");
        }

        // Short: a socket's path has at most 107 characters, and the engine puts more below it.
        var engine = new PrivateEngine(Path.Combine(Path.GetTempPath(), $"v4-engine-{Guid.NewGuid().ToString("N")[..8]}"));
        Directory.CreateDirectory(engine._directory);
        try
        {
            await engine.StartAsync(cancellationToken);
            await engine.LoadAsync(image, cancellationToken);
            return engine;
        }
        catch
        {
            await engine.DisposeAsync();
            throw;
        }
    }

    /// <summary>Returns when the engine answers.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        // A dead engine's containerd may be a zombie, which the next engine would take for a living one.
        Directory.CreateDirectory(Path.GetDirectoryName(ContainerdPidFile)!); // A file in a directory of ours.
        File.Delete(ContainerdPidFile);
        File.Delete(Path.Combine(_directory, "pid"));
        _process = Process.Start(new ProcessStartInfo("sh", ["-c", "exec dockerd \"$@\" >> \"$0\" 2>&1 < /dev/null", Log, .. Arguments()]))!; // Not a shell execution: there is a process.
        var waited = Stopwatch.StartNew();
        while ((await RunAsync("docker", ["-H", Address, "version", "--format", "{{.Server.Version}}"], cancellationToken)).ExitCode != 0)
        {
            if (_process.HasExited || waited.Elapsed > Limit)
            {
                throw new InvalidOperationException($"The private Docker engine does not start: {string.Join(Environment.NewLine, File.ReadLines(Log).TakeLast(5))}");
            }

            await Task.Delay(50, cancellationToken);
        }
    }

    /// <summary>As a service manager does it: the engine stops its containers first.</summary>
    public Task StopAsync(CancellationToken cancellationToken) => EndAsync("TERM", cancellationToken);

    /// <summary>As a crash does it: containers run on until the next engine ends them.</summary>
    public Task KillAsync(CancellationToken cancellationToken) => EndAsync("KILL", cancellationToken);

    public async Task RestartAsync(CancellationToken cancellationToken)
    {
        await StopAsync(cancellationToken);
        await StartAsync(cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is { HasExited: false })
        {
            var left = await RunAsync("docker", ["-H", Address, "ps", "-aq"], CancellationToken.None);
            await RunAsync("docker", ["-H", Address, "rm", "-fv", .. left.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)], CancellationToken.None);
            await StopAsync(CancellationToken.None);
        }

        // Whatever a killed engine left: every process that works in this directory is ours.
        foreach (var pid in ProcessesOf(_directory))
        {
            await SignalAsync(pid, "KILL");
        }

        // The innermost first; the engine makes its own directory a mount.
        foreach (var mount in File.ReadLines("/proc/self/mountinfo").Select(line => line.Split(' ')[4]).Where(path => path.StartsWith(_directory, StringComparison.Ordinal)).Reverse().ToList())
        {
            await RunAsync("umount", ["-l", mount], CancellationToken.None);
        }

        await RunAsync("rm", ["-rf", _directory], CancellationToken.None);
        _process?.Dispose();
    }

    private string Log => Path.Combine(_directory, "log");

    private string[] Arguments() =>
    [
        "--data-root", Path.Combine(_directory, "data"), "--exec-root", Path.Combine(_directory, "exec"), "--pidfile", Path.Combine(_directory, "pid"),
        "-H", Address, "--bridge=none", "--iptables=false", "--ip-forward=false", "--storage-driver", "overlay2", "--shutdown-timeout", "3",
    ];

    private async Task EndAsync(string signal, CancellationToken cancellationToken)
    {
        var process = _process ?? throw new InvalidOperationException("The engine was not started.");
        var containerd = File.Exists(ContainerdPidFile) ? int.Parse(await File.ReadAllTextAsync(ContainerdPidFile, cancellationToken), CultureInfo.InvariantCulture) : 0;
        await SignalAsync(process.Id, signal);
        await process.WaitForExitAsync(cancellationToken).WaitAsync(Limit, cancellationToken);
        if (signal == "KILL" && containerd > 0)
        {
            // It is told to die with the engine, and takes its time.
            await SignalAsync(containerd, "KILL");
        }
    }

    private async Task LoadAsync(string image, CancellationToken cancellationToken)
    {
        var loaded = await RunAsync("bash", ["-o", "pipefail", "-c", "docker save \"$1\" | docker -H \"$0\" load -q", Address, image], cancellationToken);
        if (loaded.ExitCode != 0)
        {
            throw new InvalidOperationException($"The image {image} cannot be copied into the private Docker engine: {loaded.Output}");
        }
    }

    private static async Task<(int ExitCode, string Output)> RunAsync(string program, string[] arguments, CancellationToken cancellationToken)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!; // As above.
        var errors = process.StandardError.ReadToEndAsync(cancellationToken);
        var output = await process.StandardOutput.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        return (process.ExitCode, process.ExitCode == 0 ? output : output + await errors);
    }

    private static List<int> ProcessesOf(string directory)
    {
        var found = new List<int>();
        foreach (var entry in Directory.EnumerateDirectories("/proc").Where(path => int.TryParse(Path.GetFileName(path), out _)))
        {
            try
            {
                if (File.ReadAllText(Path.Combine(entry, "cmdline")).Contains(directory, StringComparison.Ordinal))
                {
                    found.Add(int.Parse(Path.GetFileName(entry), CultureInfo.InvariantCulture));
                }
            }
            catch (IOException)
            {
                // It ended while it was looked at.
            }
        }

        return found;
    }

    /// <summary>A process that is gone already is as good as killed.</summary>
    private static Task SignalAsync(int pid, string signal) => RunAsync("sh", ["-c", $"kill -s {signal} {pid}"], CancellationToken.None);
}
