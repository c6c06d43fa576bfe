using System.Diagnostics;
using V4Agents.Client;
using V4Agents.Service.Hosting;

namespace V4Agents.Chaos.World;

/// <summary>One <c>v4 serve</c> with its own data directory and its own ports, which it keeps when it is started again. Disposing ends it.</summary>
internal sealed class ServiceProcess : IAsyncDisposable
{
    private static readonly TimeSpan StartWithin = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan StopWithin = TimeSpan.FromSeconds(40);
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(50);

    private readonly string _home;
    private readonly string _log;
    private readonly Dictionary<string, string> _environment;
    private readonly HttpClient _http;
    private Process? _process;

    public ServiceProcess(string name, string root, IReadOnlyDictionary<string, string> environment)
    {
        Name = name;
        _home = Path.Combine(root, name);
        _log = Path.Combine(root, $"{name}.log");
        Directory.CreateDirectory(_home);
        var ports = Ports.Free(2);
        _environment = new Dictionary<string, string>(environment)
        {
            ["V4_HOME"] = _home,
            ["V4_LISTEN"] = $"http://127.0.0.1:{ports[0]}",
            ["Silo__Port"] = $"{ports[1]}",
        };
        _http = new HttpClient { BaseAddress = new Uri(_environment["V4_LISTEN"]), Timeout = Timeout.InfiniteTimeSpan };
        Client = new TasksClient(_http, TimeProvider.System);
    }

    public string Name { get; }

    public TasksClient Client { get; }

    /// <summary>The process of the last start; its end is the caller's to notice.</summary>
    public Process Process => _process ?? throw new InvalidOperationException($"{Name} was never started.");

    public bool IsRunning => _process is { HasExited: false };

    /// <summary>Returns when the service answers, or false when it ended before that; its log says why.</summary>
    /// <param name="faultPoint">Where it is to kill itself; null for real life.</param>
    public async Task<bool> StartAsync(string? faultPoint, CancellationToken cancellationToken)
    {
        _environment["V4_FAULT_POINT"] = faultPoint ?? "";
        _process?.Dispose();
        _process = Programs.Start("dotnet", [Programs.Cli, "serve"], _environment);
        await File.AppendAllTextAsync(_log, $"--- process {_process.Id}, fault point '{faultPoint}'\n", cancellationToken);
        _process.OutputDataReceived += (_, line) => Note(line.Data);
        _process.ErrorDataReceived += (_, line) => Note(line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        for (var waited = Stopwatch.StartNew(); !_process.HasExited; await Task.Delay(Poll, cancellationToken))
        {
            if (ServiceFile.Find(_home) is { } file && file.Pid == _process.Id)
            {
                return true;
            }

            if (waited.Elapsed > StartWithin)
            {
                throw new TimeoutException($"{Name} did not answer within {StartWithin}. Its log is {_log}.");
            }
        }

        return false;
    }

    /// <summary>SIGKILL: no farewell, no clean-up.</summary>
    public async Task KillAsync()
    {
        Process.Kill();
        await Process.WaitForExitAsync();
    }

    /// <summary>An orderly stop, if it still runs.</summary>
    public async Task StopAsync()
    {
        if (IsRunning)
        {
            await Signals.SendAsync("CONT", Process.Id);
            await Signals.SendAsync("TERM", Process.Id);
            using var limit = new CancellationTokenSource(StopWithin);
            await Process.WaitForExitAsync(limit.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (IsRunning)
            {
                await KillAsync();
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _process?.Dispose();
        _http.Dispose();
    }

    private void Note(string? line)
    {
        if (line is not null)
        {
            lock (_http)
            {
                File.AppendAllText(_log, line + "\n");
            }
        }
    }
}
