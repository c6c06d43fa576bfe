using System.Text.Json;
using V4Agents.Client.Contract;
using V4Agents.EndToEnd.Tests.World;
using V4Agents.Simulator.Requests;
using Xunit;

namespace V4Agents.EndToEnd.Tests;

/// <summary>Stop means zero spend and zero processes, with a receipt that says when; a restart does not revive the task.</summary>
public sealed class StopTests
{
    private static SubmitBody Request(GitFolder repository) => new(repository.Path, "The value must be two.", [Scripts.Check]);

    private static async Task<JsonElement> StoppedAsync(House house, string task) =>
        JsonDocument.Parse(await house.Client.ReceiptAsync(task, default)).RootElement.GetProperty("stopped");

    [Fact]
    public async Task Cancel_DuringAStreamingModelCall_ClosesTheStreamWithinThreeSeconds()
    {
        using var repository = await GitFolder.CreateAsync(Scripts.Repository);
        await using var house = await House.CreateAsync(Scripts.Of($"fault: {{hold: true}}\n{Scripts.Fix()}", Scripts.Submit()));
        await house.ServeAsync();
        var task = (await house.Client.SubmitAsync(Request(repository), null, default)).Task.Id;
        await house.Simulator.WaitForAsync(request => request.State == RequestState.Held, default).WaitAsync(Programs.Limit);

        var cancelled = await house.V4Async("cancel", task, "--reason", "enough");

        Assert.Matches("is cancelled: model call ended, [0-9]+ processes killed; nothing runs and nothing is spent since [0-3](\\.[0-9]+)? s after the request", cancelled.Output);
        await house.Simulator.WaitForAsync(request => request.State == RequestState.Disconnected, default).WaitAsync(Programs.Limit);
        Assert.Equal("cancelled", (await house.FinishedAsync(task)).Outcome);
        var stopped = await StoppedAsync(house, task);
        Assert.Equal("model call", stopped.GetProperty("effect").GetString());
        Assert.InRange(stopped.GetProperty("seconds_to_zero").GetDouble(), 0, 3);
        Assert.Empty(await House.ContainersOfAsync(task));
    }

    [Fact]
    public async Task Cancel_DuringACommandThatSleeps_KillsItWithinThreeSecondsAndARestartDoesNotReviveIt()
    {
        using var repository = await GitFolder.CreateAsync(Scripts.Repository);
        await using var house = await House.CreateAsync(Scripts.Of(Scripts.Bash("echo begun > begun.txt; sleep 600; echo survived > begun.txt"), Scripts.Submit()));
        await house.ServeAsync();
        var task = (await house.Client.SubmitAsync(Request(repository), null, default)).Task.Id;
        await house.RecordedAsync(task, "tool_call.started");
        var container = Assert.Single(await House.ContainersOfAsync(task));
        await Programs.MustAsync("/", "docker", "exec", container, "sh", "-c", "until [ -e /work/repo/begun.txt ]; do sleep 0.1; done");

        var cancelled = await house.V4Async("cancel", task);

        Assert.Contains("is cancelled: tool call ended", cancelled.Output, StringComparison.Ordinal);
        Assert.Equal("cancelled", (await house.FinishedAsync(task)).Outcome);
        var stopped = await StoppedAsync(house, task);
        Assert.InRange(stopped.GetProperty("seconds_to_zero").GetDouble(), 0, 3);
        Assert.True(stopped.GetProperty("processes_killed").GetInt32() >= 1);
        Assert.Contains("+begun\n", System.Text.Encoding.UTF8.GetString(await house.Client.PatchAsync(task, default)), StringComparison.Ordinal);
        var requests = house.Simulator.Requests.Count;
        await house.KillAsync();
        await house.ServeAsync();
        Assert.Equal("cancelled", (await house.Client.GetAsync(task, default)).Outcome);
        Assert.Equal(requests, house.Simulator.Requests.Count);
        Assert.Empty(await House.ContainersOfAsync(task));
    }

    [Fact]
    public async Task Cancel_WhenTheServiceDiesAsSoonAsItIsCommitted_IsCompletedByTheNext()
    {
        using var repository = await GitFolder.CreateAsync(Scripts.Repository);
        await using var house = await House.CreateAsync(Scripts.Of(Scripts.Bash("sleep 600"), Scripts.Submit()), ("V4_FAULT_POINT", "after-append:cancel.requested"));
        await house.ServeAsync();
        var task = (await house.Client.SubmitAsync(Request(repository), null, default)).Task.Id;
        await house.RecordedAsync(task, "tool_call.started");

        await Assert.ThrowsAnyAsync<Exception>(() => house.Client.CancelAsync(task, null, default));
        await house.DiedAsync();
        house.Environment["V4_FAULT_POINT"] = "";
        await house.ServeAsync();
        var finished = await house.FinishedAsync(task);

        Assert.Equal("cancelled", finished.Outcome);
        Assert.Equal(1, house.Simulator.Requests.Count(request => request.Role == "solver"));
        Assert.Equal("tool call", (await StoppedAsync(house, task)).GetProperty("effect").GetString());
        Assert.Empty(await House.ContainersOfAsync(task));
    }
}
