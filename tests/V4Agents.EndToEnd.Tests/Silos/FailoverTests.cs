using System.Text;
using V4Agents.Client.Contract;
using V4Agents.EndToEnd.Tests.World;
using V4Agents.Simulator.Requests;
using Xunit;

namespace V4Agents.EndToEnd.Tests.Silos;

/// <summary>Two services on one database; the one that runs a task dies, hangs or stops.</summary>
public sealed class FailoverTests
{
    private static readonly string Held = Scripts.Of($"fault: {{hold: true}}\n{Scripts.Call("view", "{path: value.txt}")}", Scripts.Fix(), Scripts.Submit());

    [Fact]
    public async Task Task_WhenItsSiloIsKilled_GoesOnOnTheOther()
    {
        await using var houses = await TwoHouses.CreateAsync(Held);
        var task = await houses.HeldOnTheFirstAsync();

        await houses.First.KillAsync();
        var events = await houses.EventsAsync(task);

        await AssertDoneOnceAsync(houses, task, events);
        Assert.Equal(3, houses.SolverRequests.Count(request => request.State == RequestState.Completed));
    }

    [Fact]
    public async Task Task_WhenItsSiloHangs_GoesOnOnTheOtherAndTheWokenOneRecordsNothing()
    {
        await using var houses = await TwoHouses.CreateAsync(Held);
        var task = await houses.HeldOnTheFirstAsync();

        await houses.First.SignalAsync("STOP");
        await houses.Second.RecordedAsync(task, "task.adopted");
        // The hanging silo finds the whole answer of its call when it wakes.
        houses.Simulator.Release();
        var events = await houses.EventsAsync(task);
        await houses.First.SignalAsync("CONT");
        var exitCode = await houses.First.EndedAsync();

        Assert.Equal(24, exitCode);
        Assert.Contains("[fenced, exit 24]", houses.First.Said, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", houses.First.Said, StringComparison.Ordinal);
        await AssertDoneOnceAsync(houses, task, events);
        Assert.Equal(events, await houses.EventsAsync(task), (one, other) => one.Seq == other.Seq && one.Kind == other.Kind);
    }

    [Fact]
    public async Task Task_WhenItsSiloIsToldToStop_GoesOnOnTheOther()
    {
        await using var houses = await TwoHouses.CreateAsync(Held);
        var task = await houses.HeldOnTheFirstAsync();

        await houses.First.SignalAsync("TERM");
        var exitCode = await houses.First.EndedAsync();
        var events = await houses.EventsAsync(task);

        Assert.True(exitCode == 0, houses.First.Said);
        await AssertDoneOnceAsync(houses, task, events);
    }

    [Fact]
    public async Task Tasks_WhenSilosAreReplacedOneByOne_AllFinishOnce()
    {
        await using var houses = await TwoHouses.CreateAsync(Held.Replace("{hold: true}", "{hold: true, times: 2}", StringComparison.Ordinal));
        await houses.First.ServeAsync();
        await houses.Second.ServeAsync();
        var tasks = new List<string>();
        for (var i = 0; i < 4; i++)
        {
            tasks.Add((await houses.First.Client.SubmitAsync(houses.RequestNumber(i), null, default)).Task.Id);
        }

        foreach (var house in new[] { houses.First, houses.Second })
        {
            await house.SignalAsync("TERM");
            Assert.True(await house.EndedAsync() == 0, house.Said);
            await house.ServeAsync();
        }

        houses.Simulator.Release();
        foreach (var task in tasks)
        {
            var release = ReleaseUntilAsync(houses, houses.Second.FinishedAsync(task));
            Assert.Equal("verified", (await release).Outcome);
        }
    }

    [Fact]
    public async Task Tasks_OnTheSiloThatLives_AreNotDisturbedWhenTheOtherDies()
    {
        await using var houses = await TwoHouses.CreateAsync(Held);
        await houses.First.ServeAsync();
        await houses.Second.ServeAsync();
        var tasks = new List<string>();
        for (var i = 0; i < 6; i++)
        {
            tasks.Add((await houses.Second.Client.SubmitAsync(houses.RequestNumber(i), null, default)).Task.Id);
        }

        await WaitUntilAsync(() => houses.SolverRequests.Count(request => request.State == RequestState.Held) == tasks.Count, Requests);
        await houses.First.KillAsync();

        // By then its connections to the model are closed too; before, none might have been seen yet to be.
        await WaitUntilAsync(
            async () => await houses.Database.ScalarAsync<long>("SELECT count(*) FROM orleans_silos WHERE status = 6") == 1, () => "the dead silo is not declared dead");
        await WaitUntilAsync(() => houses.SolverRequests.Count(request => request.State == RequestState.Disconnected) is var left
            && houses.SolverRequests.Count(request => request.Turn == 1 && request.State == RequestState.Completed) == left, Requests);
        var moved = houses.SolverRequests.Count(request => request.State == RequestState.Disconnected);
        houses.Simulator.Release();

        var adopted = 0;
        foreach (var task in tasks)
        {
            var events = await houses.EventsAsync(task);
            await AssertDoneOnceAsync(houses, task, events);
            adopted += events.Count(e => e.Kind == "task.adopted");
        }

        string Requests() => string.Join('\n', houses.SolverRequests.Select(request => $"{request.Number} turn {request.Turn} {request.State}"));
        Assert.Equal(moved, adopted);
        Assert.Equal(moved + 3 * tasks.Count, houses.SolverRequests.Count());
    }

    private static async Task AssertDoneOnceAsync(TwoHouses houses, string task, IReadOnlyList<EventBody> events)
    {
        var finished = await houses.Second.Client.GetAsync(task, default);
        Assert.True(finished.Outcome == "verified", string.Join('\n', events.Select(e => $"{e.At:HH:mm:ss.fff} {e.Seq} {e.Kind} {e.Data}")));
        Assert.Equal(Enumerable.Range(1, events.Count).Select(seq => (long)seq), events.Select(e => e.Seq));
        Assert.Single(events, e => e.Kind == "submitted");
        Assert.Equal(3, events.Count(e => e.Kind == "model_call.completed" && !e.Data.ToString().Contains("triage", StringComparison.Ordinal)));
        Assert.Equal(2, events.Count(e => e.Kind == "tool_call.completed"));
        Assert.Contains("\n-1\n+2\n", Encoding.UTF8.GetString(await houses.Second.Client.PatchAsync(task, default)), StringComparison.Ordinal);
        Assert.Empty(await House.ContainersOfAsync(task));
    }

    private static async Task<TaskBody> ReleaseUntilAsync(TwoHouses houses, Task<TaskBody> finished)
    {
        while (await Task.WhenAny(finished, Task.Delay(100)) != finished)
        {
            houses.Simulator.Release();
        }

        return await finished;
    }

    private static Task WaitUntilAsync(Func<bool> condition, Func<string> what) => WaitUntilAsync(() => Task.FromResult(condition()), what);

    private static async Task WaitUntilAsync(Func<Task<bool>> condition, Func<string> what)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        while (!await condition())
        {
            Assert.False(limit.IsCancellationRequested, what());
            await Task.Delay(50);
        }
    }
}
