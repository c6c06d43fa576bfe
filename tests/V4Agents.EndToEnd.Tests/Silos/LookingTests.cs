using V4Agents.EndToEnd.Tests.World;
using V4Agents.Simulator.Requests;
using Xunit;

namespace V4Agents.EndToEnd.Tests.Silos;

/// <summary>Commands that start a service of their own beside a cluster that works.</summary>
public sealed class LookingTests
{
    private static readonly string Held = Scripts.Of($"fault: {{hold: true}}\n{Scripts.Fix()}", Scripts.Submit());

    [Fact]
    public async Task Looking_BesideARunningCluster_NeitherJoinsItNorTakesItsTasks()
    {
        await using var houses = await TwoHouses.CreateAsync(Held);
        await houses.First.ServeAsync();
        var task = (await houses.First.Client.SubmitAsync(houses.Request, null, default)).Task.Id;
        await houses.HeldAsync();

        var listed = await houses.Second.V4Async("list");
        var shown = await houses.Second.V4Async("show", task);

        Assert.True(listed.ExitCode == 0 && listed.Output.Contains(task, StringComparison.Ordinal), listed.ToString());
        Assert.True(shown.ExitCode == 0, shown.ToString());
        Assert.Equal(1L, await houses.Database.ScalarAsync<long>("SELECT count(*) FROM orleans_silos"));
        Assert.Equal(RequestState.Held, Assert.Single(houses.SolverRequests).State);
        houses.Simulator.Release();
        Assert.Equal("verified", (await houses.First.FinishedAsync(task)).Outcome);
        Assert.Equal(0L, await houses.Database.ScalarAsync<long>("SELECT count(*) FROM task_events WHERE kind = 'task.adopted'"));
    }

    [Fact]
    public async Task Submit_BesideARunningCluster_LeavesTheTaskToIt()
    {
        await using var houses = await TwoHouses.CreateAsync(Scripts.GreenPatch());
        await houses.First.ServeAsync();

        var ran = await houses.Second.V4Async(
            "submit", "--repo", houses.Repository.Path, "--issue", "The value must be two.", "--check", Scripts.Check, "--key", "one");

        Assert.True(ran.ExitCode == 0, ran.ToString());
        var task = Assert.Single((await houses.First.Client.ListAsync(10, null, default)).Items).Id;
        Assert.Equal("verified", (await houses.First.FinishedAsync(task)).Outcome);
    }

    [Fact]
    public async Task Cancel_BesideARunningCluster_ReachesTheSiloThatRunsTheTask()
    {
        await using var houses = await TwoHouses.CreateAsync(Held);
        await houses.First.ServeAsync();
        var task = (await houses.First.Client.SubmitAsync(houses.Request, null, default)).Task.Id;
        await houses.HeldAsync();

        var ran = await houses.Second.V4Async("cancel", task);

        Assert.True(ran.ExitCode == 0, ran.ToString());
        Assert.Equal("cancelled", (await houses.First.FinishedAsync(task)).Outcome);
        Assert.Single(houses.SolverRequests);
    }
}
