using System.Text;
using System.Text.Json;
using V4Agents.Client.Contract;
using V4Agents.EndToEnd.Tests.World;
using V4Agents.Simulator.Requests;
using Xunit;

namespace V4Agents.EndToEnd.Tests;

/// <summary>Pause, say, approve, fork and replay on a real service.</summary>
public sealed class SteeringTests
{
    private static SubmitBody Request(GitFolder repository) => new(repository.Path, "The value must be two.", [Scripts.Check]);

    [Fact]
    public async Task Pause_OverARestart_BeginsNothingAndGoesOnWithWhatWasSaid()
    {
        using var repository = await GitFolder.CreateAsync(Scripts.Repository);
        await using var house = await House.CreateAsync(Scripts.Of(
            $"fault: {{hold: true}}\n{Scripts.Bash("echo once >> log.txt")}", $"expect: ['keep the log']\n{Scripts.Fix()}", Scripts.Submit()));
        await house.ServeAsync();
        var task = (await house.Client.SubmitAsync(Request(repository), null, default)).Task.Id;
        await house.Simulator.WaitForAsync(request => request.State == RequestState.Held, default).WaitAsync(Programs.Limit);

        Assert.Equal(0, (await house.V4Async("pause", task)).ExitCode);
        house.Simulator.Release();
        await house.RecordedAsync(task, "model_call.completed", where: data => data.GetProperty("role").GetString() == "solver");
        await house.KillAsync();
        await house.ServeAsync();
        Assert.Equal("paused", (await house.Client.GetAsync(task, default)).Activity);
        Assert.Equal(0, (await house.V4Async("say", task, "keep the log")).ExitCode);
        Assert.Equal(0, (await house.V4Async("resume", task)).ExitCode);

        Assert.Equal("verified", (await house.FinishedAsync(task)).Outcome);
        Assert.Equal(52, (await house.V4Async("say", task, "too late")).ExitCode);
    }

    [Fact]
    public async Task Approve_WithAChangeFirst_DeliversTheSecondPatch()
    {
        using var repository = await GitFolder.CreateAsync(Scripts.Repository);
        await using var house = await House.CreateAsync(Scripts.Of(
            Scripts.Fix(), Scripts.Submit(), $"expect: ['write a note']\n{Scripts.Bash("echo note > note.txt")}", Scripts.Submit()));
        await house.ServeAsync();
        var task = (await house.Client.SubmitAsync(Request(repository) with { Approval = true, Branch = "v4/two" }, null, default)).Task.Id;
        await house.RecordedAsync(task, "approval.requested");

        Assert.Equal(0, (await house.V4Async("approve", task, "--no", "--comment", "write a note")).ExitCode);
        await house.RecordedAsync(task, "approval.requested", times: 2);
        Assert.Equal(0, (await house.V4Async("approve", task)).ExitCode);

        Assert.Equal("verified", (await house.FinishedAsync(task)).Outcome);
        Assert.Equal("2\n", await repository.GitAsync("show", "v4/two:value.txt"));
        Assert.Equal("note\n", await repository.GitAsync("show", "v4/two:note.txt"));
        Assert.Equal("1\n", await repository.GitAsync("show", "main:value.txt"));
    }

    [Fact]
    public async Task Fork_AfterAStepOfAFinishedTask_HasItsFilesAndPaysForItsPrefixOnce()
    {
        using var repository = await GitFolder.CreateAsync(Scripts.Repository);
        await using var house = await House.CreateAsync(Scripts.Of(
            Scripts.Bash("echo one > steps.txt"), Scripts.Bash("echo two >> steps.txt"), Scripts.Bash("cat steps.txt; echo three >> steps.txt; echo 2 > value.txt"), Scripts.Submit()));
        await house.ServeAsync();
        var task = (await house.Client.SubmitAsync(Request(repository), null, default)).Task.Id;
        await house.FinishedAsync(task);
        var before = house.Simulator.Requests.Count;

        var forked = await house.V4Async("fork", task, "--step", "1", "--say", "another way", "--json");
        var fork = JsonDocument.Parse(forked.Output).RootElement.GetProperty("id").GetString()!;
        var finished = await house.FinishedAsync(fork);

        Assert.Equal("verified", finished.Outcome);
        var patch = Encoding.UTF8.GetString(await house.Client.PatchAsync(fork, default));
        Assert.Contains("+one\n+two\n+three\n", patch, StringComparison.Ordinal);
        var first = house.Simulator.Requests.Skip(before).First();
        var source = house.Simulator.Requests.Where(request => request.Role == "solver").ElementAt(1);
        Assert.True(first.Usage!.CacheHitTokens >= source.Usage!.PromptTokens - 256, $"{first.Usage.CacheHitTokens} of {source.Usage.PromptTokens} shared prompt tokens come from the cache.");
        Assert.Empty(await House.ContainersOfAsync(fork));
    }

    [Fact]
    public async Task Replay_OfATaskThatWasKilled_MakesEveryRequestAgainByteForByte()
    {
        using var repository = await GitFolder.CreateAsync(Scripts.Repository);
        await using var house = await House.CreateAsync(Scripts.Of(Scripts.Bash("echo once >> log.txt"), $"fault: {{hold: true}}\n{Scripts.Fix()}", Scripts.Submit()));
        await house.ServeAsync();
        var task = (await house.Client.SubmitAsync(Request(repository), null, default)).Task.Id;
        await house.Simulator.WaitForAsync(request => request.State == RequestState.Held, default).WaitAsync(Programs.Limit);
        await house.KillAsync();
        await house.ServeAsync();
        await house.FinishedAsync(task);
        var requests = house.Simulator.Requests.Count;

        var replayed = await house.V4Async("replay", task);

        Assert.Equal(0, replayed.ExitCode);
        Assert.Equal("5 of 5 requests are byte for byte what was sent", replayed.LastLine);
        Assert.Equal(requests, house.Simulator.Requests.Count);
    }
}
