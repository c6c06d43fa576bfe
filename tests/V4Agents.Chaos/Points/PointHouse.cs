using V4Agents.Chaos.World;
using V4Agents.Cli.Demo;

namespace V4Agents.Chaos.Points;

/// <summary>What the worlds of a run share: the database server, the simulator and the machine's engine.</summary>
internal sealed class PointHouse : IAsyncDisposable
{
    private readonly SimulatorProcess _simulator;

    private PointHouse(RunDirectory directory, Database database, SimulatorProcess simulator)
    {
        (Directory, Database, _simulator) = (directory, database, simulator);
        Simulator = new SimulatorLog(simulator.Url);
    }

    public RunDirectory Directory { get; }

    public Database Database { get; }

    public SimulatorLog Simulator { get; }

    public string ModelUrl => _simulator.Url;

    public IEngine Engine { get; } = new HostEngine();

    public static async Task<PointHouse> StartAsync(RunDirectory directory, CancellationToken cancellationToken)
    {
        var tasks = Enumerable.Range(0, PointTask.Most).Select(number => new PointTask(number));
        await File.WriteAllTextAsync(
            directory.Of("scenario.json"), ScenarioFile.Of(tasks.Select(task => (task.Name, task.Marker, PointTask.Turns))), cancellationToken);
        var database = await Database.StartAsync(directory.Of("pg"), cancellationToken);
        try
        {
            return new PointHouse(directory, database, await SimulatorProcess.StartAsync(Paths.Simulator, directory.Of("scenario.json"), cancellationToken));
        }
        catch
        {
            await database.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        Simulator.Dispose();
        await _simulator.DisposeAsync();
        await Database.DisposeAsync();
    }
}
