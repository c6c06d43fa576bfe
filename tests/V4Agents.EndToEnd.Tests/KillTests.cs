using System.Text;
using V4Agents.Client.Contract;
using V4Agents.EndToEnd.Tests.World;
using V4Agents.Simulator.Requests;
using Xunit;

namespace V4Agents.EndToEnd.Tests;

/// <summary>SIGKILL of the service, a real container, a real database: the same patch, and no command run twice.</summary>
public sealed class KillTests
{
    private static SubmitBody Request(GitFolder repository) => new(repository.Path, "The value must be two.", [Scripts.Check]);

    [Fact]
    public async Task Task_WhenTheServiceIsKilledDuringAModelCall_FinishesWithTheSamePatch()
    {
        using var repository = await GitFolder.CreateAsync(Scripts.Repository);
        await using var house = await House.CreateAsync(Scripts.Of(
            Scripts.Bash("echo once >> log.txt"), $"fault: {{hold: true}}\n{Scripts.Fix()}", Scripts.Submit()));
        await house.ServeAsync();
        var task = (await house.Client.SubmitAsync(Request(repository), null, default)).Task.Id;
        await house.Simulator.WaitForAsync(request => request.State == RequestState.Held, default).WaitAsync(Programs.Limit);

        await house.KillAsync();
        await house.ServeAsync();
        var finished = await house.FinishedAsync(task);

        Assert.Equal("verified", finished.Outcome);
        var patch = Encoding.UTF8.GetString(await house.Client.PatchAsync(task, default));
        Assert.Equal(1, patch.Split('\n').Count(line => line == "+once"));
        Assert.Contains("\n-1\n+2\n", patch, StringComparison.Ordinal);
        Assert.True(finished.UnconfirmedUsd > 0, "The aborted call is booked as unconfirmed.");
        Assert.Empty(await House.ContainersOfAsync(task));
    }

    [Fact]
    public async Task Task_WhenTheServiceIsKilledDuringAToolCall_AttachesToTheRunningCommand()
    {
        using var repository = await GitFolder.CreateAsync(Scripts.Repository);
        await using var house = await House.CreateAsync(Scripts.Of(
            Scripts.Bash("echo begin >> log.txt; until [ -e /tmp/go ]; do sleep 0.1; done; echo end >> log.txt"), Scripts.Fix(), Scripts.Submit()));
        await house.ServeAsync();
        var task = (await house.Client.SubmitAsync(Request(repository), null, default)).Task.Id;
        await house.RecordedAsync(task, "tool_call.started");
        var container = Assert.Single(await House.ContainersOfAsync(task));
        await Programs.MustAsync("/", "docker", "exec", container, "sh", "-c", "until [ -e /work/repo/log.txt ]; do sleep 0.1; done");

        await house.KillAsync();
        await house.ServeAsync();
        await Programs.MustAsync("/", "docker", "exec", container, "touch", "/tmp/go");
        var finished = await house.FinishedAsync(task);

        Assert.Equal("verified", finished.Outcome);
        var patch = Encoding.UTF8.GetString(await house.Client.PatchAsync(task, default));
        Assert.Contains("\n+begin\n+end\n", patch, StringComparison.Ordinal);
        Assert.Equal(3, house.Simulator.Requests.Count(request => request.Role == "solver"));
        Assert.Empty(await House.ContainersOfAsync(task));
    }

    [Fact]
    public async Task Task_WhenTheServiceIsKilledWhileTheCheckRuns_VerifiesAgainInAFreshContainer()
    {
        using var repository = await GitFolder.CreateAsync(Scripts.Repository);
        await using var house = await House.CreateAsync(Scripts.GreenPatch());
        await house.ServeAsync();
        var slow = Request(repository) with { Checks = [$"touch /tmp/begun; [ -e value.txt ] && sleep 3; {Scripts.Check}"] };
        var task = (await house.Client.SubmitAsync(slow, null, default)).Task.Id;
        await house.RecordedAsync(task, "verification.started", times: 2);

        await house.KillAsync();
        await house.ServeAsync();
        var finished = await house.FinishedAsync(task);

        Assert.Equal("verified", finished.Outcome);
        Assert.Empty(await House.ContainersOfAsync(task));
    }

    [Fact]
    public async Task List_WhenAKilledServiceLeftATask_ShowsItWithoutPayingForAnotherCall()
    {
        using var repository = await GitFolder.CreateAsync(Scripts.Repository);
        await using var house = await House.CreateAsync(Scripts.Of($"fault: {{hold: true}}\n{Scripts.Fix()}", Scripts.Submit()));
        await house.ServeAsync();
        var task = (await house.Client.SubmitAsync(Request(repository), null, default)).Task.Id;
        await house.Simulator.WaitForAsync(request => request.State == RequestState.Held, default).WaitAsync(Programs.Limit);
        await house.KillAsync();
        var requests = house.Simulator.Requests.Count;

        var listed = await house.V4Async("list");
        var shown = await house.V4Async("show", task);

        Assert.Contains(task, listed.Output, StringComparison.Ordinal);
        Assert.True(shown.ExitCode == 0, shown.ToString());
        Assert.Equal(requests, house.Simulator.Requests.Count);
        await house.ServeAsync();
        Assert.Equal("verified", (await house.FinishedAsync(task)).Outcome);
    }
}
