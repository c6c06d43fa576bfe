using System.Diagnostics;
using System.Text.Json;
using V4Agents.Client;
using V4Agents.Client.Contract;
using V4Agents.Service.Hosting;
using V4Agents.Simulator;

namespace V4Agents.EndToEnd.Tests.World;

/// <summary>
/// A user's machine: a data directory, a model endpoint, and the service as a process that can be killed. PostgreSQL, Docker and git are
/// the real ones. Disposing it checks that nothing is left behind.
/// </summary>
internal sealed class House : IAsyncDisposable
{
    private readonly HttpClient _http = new() { Timeout = Timeout.InfiniteTimeSpan };
    private readonly List<string> _said = [];
    private Process? _service;

    private House(string home, SimulatorHost? simulator, IReadOnlyDictionary<string, string> environment) =>
        (Home, Simulator, Environment) = (home, simulator!, new Dictionary<string, string>(environment));

    public string Home { get; }

    public SimulatorHost Simulator { get; }

    public Dictionary<string, string> Environment { get; }

    public TasksClient Client { get; private set; } = null!; // Set by ServeAsync.

    public static async Task<House> CreateAsync(string? scenario, params (string Name, string Value)[] environment)
    {
        // Not CreateTempSubdirectory: the database's own user must be able to pass through.
        var home = Path.Combine(Path.GetTempPath(), $"v4-{Guid.NewGuid():N}"[..14]);
        Directory.CreateDirectory(home);
        var simulator = scenario is null
            ? null
            : await SimulatorHost.StartAsync(new SimulatorOptions { ScenarioText = scenario, Key = "sk-test" }, CancellationToken.None);
        var variables = new Dictionary<string, string>
        {
            ["V4_HOME"] = home,
            ["V4_MODEL_URL"] = simulator?.Url ?? "http://127.0.0.1:9",
            ["V4_MODEL_KEY"] = "sk-test",
            ["V4_SERVER"] = "",
            ["DEEPSEEK_API_KEY"] = "",
            ["V4_DATABASE"] = "",
        };
        foreach (var (name, value) in environment)
        {
            variables[name] = value;
        }

        return new House(home, simulator, variables);
    }

    public Task<Ran> V4Async(params string[] arguments) => Programs.RunAsync("dotnet", [Programs.Cli, .. arguments], Environment);

    /// <summary>Starts <c>v4 serve</c> and returns when it answers.</summary>
    public async Task ServeAsync()
    {
        Environment["V4_LISTEN"] = "http://127.0.0.1:0";
        _service = Programs.Start("dotnet", [Programs.Cli, "serve"], Environment);
        _service.OutputDataReceived += (_, line) => Add(line.Data);
        _service.ErrorDataReceived += (_, line) => Add(line.Data);
        _service.BeginOutputReadLine();
        _service.BeginErrorReadLine();
        for (var waited = Stopwatch.StartNew(); ; await Task.Delay(50))
        {
            if (ServiceFile.Find(Home) is { } file && file.Pid == _service.Id)
            {
                Client = new TasksClient(new HttpClient { BaseAddress = new Uri(file.Url), Timeout = Timeout.InfiniteTimeSpan }, TimeProvider.System);
                return;
            }

            if (_service.HasExited || waited.Elapsed > Programs.Limit)
            {
                throw new InvalidOperationException($"The service did not start.\n{Said}");
            }
        }

        void Add(string? line)
        {
            lock (_said)
            {
                _said.Add(line ?? "");
            }
        }
    }

    /// <summary>The running service's process.</summary>
    public int Pid => _service!.Id;

    /// <summary>Everything that services said here, both streams.</summary>
    public string Said
    {
        get
        {
            lock (_said)
            {
                return string.Join('\n', _said);
            }
        }
    }

    /// <summary>STOP, CONT, TERM: whatever <c>kill</c> knows.</summary>
    public Task SignalAsync(string signal) => Programs.MustAsync("/", "kill", $"-{signal}", $"{Pid}");

    /// <summary>Waits until the service has ended, and returns its exit code.</summary>
    public async Task<int> EndedAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        await _service!.WaitForExitAsync(limit.Token);
        var exitCode = _service.ExitCode;
        _service = null;
        return exitCode;
    }

    /// <summary>SIGKILL: no farewell, no clean-up. The database and the containers stay as they are.</summary>
    public async Task KillAsync()
    {
        _service!.Kill();
        await _service.WaitForExitAsync();
        _service = null;
    }

    /// <summary>Waits for a service that ends itself.</summary>
    public async Task DiedAsync()
    {
        await _service!.WaitForExitAsync(new CancellationTokenSource(Programs.Limit).Token);
        _service = null;
    }

    public async Task<TaskBody> FinishedAsync(string task)
    {
        using var limit = new CancellationTokenSource(Programs.Limit);
        await foreach (var _ in Client.EventsAsync(task, after: 0, limit.Token))
        {
        }

        return await Client.GetAsync(task, limit.Token);
    }

    /// <summary>Follows the task until <paramref name="kind"/> is recorded for the n-th time.</summary>
    public async Task<EventBody> RecordedAsync(string task, string kind, int times = 1, Func<JsonElement, bool>? where = null)
    {
        using var limit = new CancellationTokenSource(Programs.Limit);
        await foreach (var update in Client.EventsAsync(task, after: 0, limit.Token))
        {
            if (update is TaskUpdate.Recorded { Event: var e } && e.Kind == kind && (where?.Invoke(e.Data) ?? true) && --times == 0)
            {
                return e;
            }
        }

        throw new InvalidOperationException($"{task} finished without {kind}.");
    }

    public static async Task<IReadOnlyList<string>> ContainersOfAsync(string task) =>
        (await Programs.MustAsync("/", "docker", "ps", "-aq", "--no-trunc", "--filter", $"label=v4.task={task}"))
        .Split('\n', StringSplitOptions.RemoveEmptyEntries);

    public async ValueTask DisposeAsync()
    {
        if (_service is null && File.Exists(Path.Combine(Home, "service.lock")))
        {
            // A killed service leaves its database running; the next command takes it over and stops it.
            await V4Async("list");
        }

        if (_service is { HasExited: false })
        {
            await SignalAsync("CONT");
            await SignalAsync("TERM");
            await _service.WaitForExitAsync(new CancellationTokenSource(TimeSpan.FromMinutes(1)).Token);
        }

        if (Simulator is not null)
        {
            await Simulator.DisposeAsync();
        }

        _http.Dispose();
        Directory.Delete(Home, recursive: true);
    }
}
