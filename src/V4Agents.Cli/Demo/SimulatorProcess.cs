using System.Diagnostics;

namespace V4Agents.Cli.Demo;

/// <summary>The strict stand-in for the model, as a program of its own. Disposing ends it; it also ends itself when this process is gone.</summary>
internal sealed class SimulatorProcess : IAsyncDisposable
{
    private const string Announcement = "simulator listening on ";
    private static readonly TimeSpan StartWithin = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan StopWithin = TimeSpan.FromSeconds(5);

    private readonly Process _process;

    private SimulatorProcess(Process process, string url)
    {
        _process = process;
        Url = url;
    }

    public string Url { get; }

    public static async Task<SimulatorProcess> StartAsync(string program, string scenario, CancellationToken cancellationToken)
    {
        var process = Process.Start(new ProcessStartInfo(
            Environment.ProcessPath is { } host && Path.GetFileName(host) == "dotnet" ? host : "dotnet",
            [program, "--port", "0", "--scenario", scenario, "--parent", $"{Environment.ProcessId}"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!; // Start returns null only with UseShellExecute.
        var simulator = new SimulatorProcess(process, "");
        try
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            limit.CancelAfter(StartWithin);
            var errors = process.StandardError.ReadToEndAsync(CancellationToken.None);
            while (await process.StandardOutput.ReadLineAsync(limit.Token) is { } line)
            {
                if (line.StartsWith(Announcement, StringComparison.Ordinal))
                {
                    // Whatever it says later must not fill the pipe; the read ends with the process.
                    _ = process.StandardOutput.ReadToEndAsync(CancellationToken.None);
                    return new SimulatorProcess(process, line[Announcement.Length..].Trim());
                }
            }

            throw new IOException($"The simulator did not start: {(await errors).Trim()}");
        }
        catch (Exception e)
        {
            await simulator.DisposeAsync();
            if (e is OperationCanceledException && !cancellationToken.IsCancellationRequested)
            {
                throw new IOException($"The simulator did not say within {StartWithin.TotalSeconds:0} s where it listens.", e);
            }

            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            using var limit = new CancellationTokenSource(StopWithin);
            await _process.WaitForExitAsync(limit.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        _process.Dispose();
    }
}
