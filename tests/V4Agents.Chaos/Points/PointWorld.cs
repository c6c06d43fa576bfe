using V4Agents.Chaos.World;

namespace V4Agents.Chaos.Points;

/// <summary>One service with a database and a repository of its own. Several stand side by side; they share the server, the simulator and the engine.</summary>
internal sealed class PointWorld : IAsyncDisposable
{
    private Containers? _containers;

    private PointWorld(string database, string engine, string origin, ServiceProcess service) =>
        (Database, Engine, Origin, Service) = (database, engine, origin, service);

    public string Database { get; }

    public string Origin { get; }

    public ServiceProcess Service { get; }

    private string Engine { get; }

    public static async Task<PointWorld> CreateAsync(int number, PointHouse house, CancellationToken cancellationToken)
    {
        var origin = house.Directory.Of($"origin-{number}.git");
        await Origins.CreateAsync(origin, PointTask.Repository);
        var database = await house.Database.CreateAsync($"world_{number}", cancellationToken);
        var settings = ServiceEnvironment.Of(database, house.ModelUrl, house.Engine.Host, house.Directory.Of($"answers-{number}"));
        return new PointWorld(database, house.Engine.Host, origin, new ServiceProcess($"service-{number}", house.Directory.Path, settings));
    }

    /// <summary>The service must have been started once: it makes the tables.</summary>
    public async Task<Containers> ContainersAsync(CancellationToken cancellationToken) => _containers ??= new Containers(
        Engine, (await World.Database.QueryAsync(Database, "SELECT id FROM instance", row => row.GetString(0), cancellationToken)).Single());

    public async ValueTask DisposeAsync()
    {
        await Service.DisposeAsync();
        if (_containers is not null)
        {
            await _containers.RemoveAllAsync();
        }
    }
}
