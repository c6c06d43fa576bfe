using V4Agents.Chaos.World;
using V4Agents.Cli.Demo;

namespace V4Agents.Chaos.Soak;

/// <summary>Everything a soak runs on, each part a process of its own that can die: database, engine, model, silos, and the repository.</summary>
internal sealed class SoakWorld : IAsyncDisposable
{
    private readonly Stack<Func<ValueTask>> _undo = new();

    private SoakWorld(RunDirectory directory) => Directory = directory;

    public RunDirectory Directory { get; }

    public Database Database { get; private set; } = null!; // This and the next are set by StartAsync.

    public IEngine Engine { get; private set; } = null!;

    public SimulatorLog Simulator { get; private set; } = null!;

    public IReadOnlyList<Silo> Silos { get; private set; } = [];

    /// <summary>A bare repository, which the tasks start from and push to.</summary>
    public string Origin => Directory.Of("origin.git");

    public static async Task<SoakWorld> StartAsync(
        SoakOptions options, IReadOnlyList<SoakTask> tasks, Random random, RunDirectory directory, CancellationToken cancellationToken)
    {
        var world = new SoakWorld(directory);
        try
        {
            await world.StartAsync(options, tasks, random, cancellationToken);
            return world;
        }
        catch
        {
            await world.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        while (_undo.TryPop(out var undo))
        {
            await undo();
        }
    }

    private async Task StartAsync(SoakOptions options, IReadOnlyList<SoakTask> tasks, Random random, CancellationToken cancellationToken)
    {
        await Origins.CreateAsync(Origin, SoakKind.Repository);
        Database = await Database.StartAsync(Directory.Of("pg"), cancellationToken);
        _undo.Push(Database.DisposeAsync);
        Engine = options.PrivateEngine ? await OwnEngine.StartAsync(cancellationToken) : new HostEngine();
        _undo.Push(Engine.DisposeAsync);

        await File.WriteAllTextAsync(
            Directory.Of("scenario.json"), ScenarioFile.Of(tasks.Select(task => (task.Name, task.Marker, task.Kind.Turns))), cancellationToken);
        var simulator = await SimulatorProcess.StartAsync(Paths.Simulator, Directory.Of("scenario.json"), cancellationToken);
        _undo.Push(simulator.DisposeAsync);
        Simulator = new SimulatorLog(simulator.Url);

        var settings = ServiceEnvironment.Of(Database.ConnectionString, simulator.Url, Engine.Host, Directory.Of("answers"));
        Silos = [.. Enumerable.Range(1, options.Silos).Select(number =>
        {
            var service = new ServiceProcess($"silo-{number}", Directory.Path, settings);
            _undo.Push(service.DisposeAsync);
            return new Silo(service, random);
        })];
    }
}
