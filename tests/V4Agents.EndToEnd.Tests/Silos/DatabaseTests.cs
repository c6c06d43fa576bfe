using V4Agents.Client;
using V4Agents.Client.Contract;
using V4Agents.EndToEnd.Tests.World;
using V4Agents.Simulator.Requests;
using Xunit;

namespace V4Agents.EndToEnd.Tests.Silos;

/// <summary>PostgreSQL goes away in the middle of a task and comes back.</summary>
public sealed class DatabaseTests
{
    /// <summary>Long enough for every retry and refresh in the service to have failed several times.</summary>
    private static readonly TimeSpan Outage = TimeSpan.FromSeconds(20);

    private static readonly string Held = Scripts.Of($"fault: {{hold: true}}\n{Scripts.Fix()}", Scripts.Submit());

    [Fact]
    public async Task Task_WhenTheDatabaseIsAwayForAWhile_GoesOnInBothSilosCluster()
    {
        await using var houses = await TwoHouses.CreateAsync(Held);
        var task = await houses.HeldOnTheFirstAsync();

        await houses.Database.StopAsync();
        houses.Simulator.Release();
        var reading = await Assert.ThrowsAsync<ApiException>(() => houses.First.Client.GetAsync(task, default));
        var submitting = await Assert.ThrowsAsync<ApiException>(() => houses.First.Client.SubmitAsync(houses.Request, null, default));
        await Task.Delay(Outage);
        await houses.Database.StartAsync();
        var finished = await houses.First.FinishedAsync(task);

        Assert.Equal(("database_unavailable", 503), (reading.Code, reading.Status!.Value));
        Assert.Equal(("database_unavailable", 503), (submitting.Code, submitting.Status!.Value));
        Assert.Equal("verified", finished.Outcome);
        Assert.Equal(1L, await houses.Database.ScalarAsync<long>("SELECT count(*) FROM task_events WHERE kind = 'submitted'"));
        Assert.Equal(2, houses.Simulator.Requests.Count(request => request.Role == "solver"));
        Assert.Equal(2L, await houses.Database.ScalarAsync<long>("SELECT count(*) FROM orleans_silos WHERE status = 3"));
    }

    [Fact]
    public async Task Task_WhenThePrivateDatabaseIsKilled_GoesOnWithANewServer()
    {
        using var repository = await GitFolder.CreateAsync(Scripts.Repository);
        await using var house = await House.CreateAsync(Held);
        await house.ServeAsync();
        var task = (await house.Client.SubmitAsync(new SubmitBody(repository.Path, "The value must be two.", [Scripts.Check]), null, default)).Task.Id;
        await house.Simulator.WaitForAsync(request => request.State == RequestState.Held, default).WaitAsync(Programs.Limit);

        var postmaster = File.ReadLines(Path.Combine(house.Home, "postgres", "data", "postmaster.pid")).First();
        await Programs.MustAsync("/", "kill", "-KILL", postmaster);
        house.Simulator.Release();
        var finished = await house.FinishedAsync(task);

        Assert.Equal("verified", finished.Outcome);
        Assert.Equal(2, house.Simulator.Requests.Count(request => request.Role == "solver"));
        Assert.NotEqual(postmaster, File.ReadLines(Path.Combine(house.Home, "postgres", "data", "postmaster.pid")).First());
    }
}
