using V4Agents.Client;
using V4Agents.Client.Contract;
using V4Agents.Simulator;
using V4Agents.Simulator.Requests;

namespace V4Agents.EndToEnd.Tests.World;

/// <summary>Two data directories with one database and one model endpoint: two silos of one cluster, once both serve.</summary>
internal sealed class TwoHouses : IAsyncDisposable
{
    private TwoHouses(SharedDatabase database, House first, House second, GitFolder repository) =>
        (Database, First, Second, Repository) = (database, first, second, repository);

    public SharedDatabase Database { get; }

    public House First { get; }

    public House Second { get; }

    public GitFolder Repository { get; }

    public SimulatorHost Simulator => First.Simulator;

    public SubmitBody Request => new(Repository.Path, "The value must be two.", [Scripts.Check]);

    /// <summary>Another task of the same kind; the model endpoint tells tasks apart by what they are about.</summary>
    public SubmitBody RequestNumber(int number) => Request with { Issue = $"The value must be two, number {number}." };

    public IEnumerable<SimulatedRequest> SolverRequests => Simulator.Requests.Where(request => request.Role == "solver");

    public static async Task<TwoHouses> CreateAsync(string scenario)
    {
        var database = await SharedDatabase.CreateAsync();
        var first = await House.CreateAsync(scenario, ("V4_DATABASE", database.ConnectionString));
        var second = await House.CreateAsync(null, ("V4_DATABASE", database.ConnectionString), ("V4_MODEL_URL", first.Simulator.Url));
        return new TwoHouses(database, first, second, await GitFolder.CreateAsync(Scripts.Repository));
    }

    /// <summary>A task on the first silo, whose first call of the solver is held; then the second silo is started.</summary>
    public async Task<string> HeldOnTheFirstAsync()
    {
        await First.ServeAsync();
        var task = (await First.Client.SubmitAsync(Request, null, default)).Task.Id;
        await HeldAsync();
        await Second.ServeAsync();
        return task;
    }

    public Task HeldAsync() => Simulator.WaitForAsync(request => request.State == RequestState.Held, default).WaitAsync(Programs.Limit);

    /// <summary>All events of a task, asked of the second silo.</summary>
    public async Task<IReadOnlyList<EventBody>> EventsAsync(string task)
    {
        var events = new List<EventBody>();
        await foreach (var update in Second.Client.EventsAsync(task, after: 0, CancellationToken.None))
        {
            if (update is TaskUpdate.Recorded { Event: var e })
            {
                events.Add(e);
            }
        }

        return events;
    }

    public async ValueTask DisposeAsync()
    {
        await Second.DisposeAsync();
        await First.DisposeAsync();
        await Database.DisposeAsync();
        Repository.Dispose();
    }
}
