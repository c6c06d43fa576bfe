using V4Agents.Core.Conversations;
using V4Agents.Core.Sandboxing;
using V4Agents.Core.Tasks;
using V4Agents.TestKit.Fakes;
using Xunit;
using static V4Agents.Grains.Tests.Tasks.TaskHouse;
using static V4Agents.TestKit.Tasks.Events;

namespace V4Agents.Grains.Tests.Tasks;

public sealed class SandboxLossTests
{
    private static readonly SandboxId Box = new($"v4-{TheTask}");

    private static string ToldAfter(TaskHouse house, int step) =>
        house.Model.Requests.Where(request => request.Role == ModelRole.Solver).ElementAt(step).Messages.OfType<ChatMessage.ToolResult>().Last().Content;

    [Fact]
    public async Task Task_WhenTheContainerIsRemovedDuringACall_IsRebuiltAndTheCallRunsOnTheTreeFromBeforeIt()
    {
        await using var house = new TaskHouse(GreenPatch());
        var once = 0;
        house.Sandboxes.Behaviour = (call, files) =>
        {
            if (call.Tool == "bash" && call.ArgumentsJson.Contains("touch", StringComparison.Ordinal))
            {
                files["a"] = files.TryGetValue("a", out var lines) ? lines + "+1" : "1";
            }

            return Fixing(call, files);
        };
        house.Sandboxes.Gate = (call, _) =>
        {
            if (call.Tool == "edit" && once++ == 0)
            {
                house.Sandboxes.RemoveAsync(Box, default).GetAwaiter().GetResult();
                throw new SandboxException("The container is gone.", isTransient: false) { IsLost = true };
            }

            return Task.CompletedTask;
        };
        await house.StartAsync();
        await house.SubmitAsync();

        var events = await house.FinishedAsync();

        Assert.Equal(TaskOutcome.Verified, Assert.Single(events.OfType<TaskEvent.Concluded>()).Outcome);
        Assert.True(Assert.Single(events.OfType<TaskEvent.SandboxRestored>()).Rebuilt);
        Assert.StartsWith("[the sandbox died and was restored: every file of the work tree", ToldAfter(house, 2), StringComparison.Ordinal);
        Assert.Equal("a=1\nfix=done\n", System.Text.Encoding.UTF8.GetString((await house.Journal.GetAsync(Fold([.. events]).Patch!.Diff, default)).Span));
        Assert.Empty(house.Sandboxes.Alive);
    }

    [Fact]
    public async Task Task_WhenTheContainerIsRestartedDuringACall_KeepsItAndRunsTheCallAgain()
    {
        await using var house = new TaskHouse(GreenPatch());
        house.Sandboxes.Behaviour = Fixing;
        var runs = 0;
        house.Sandboxes.Gate = (call, _) => call.Tool == "edit" && runs++ == 0 ? Task.Delay(Timeout.Infinite) : Task.CompletedTask;
        await house.StartAsync();
        await house.SubmitAsync();
        await house.EventAsync(e => e is TaskEvent.ToolCallStarted { Name: "edit" });
        SpinWait.SpinUntil(() => runs == 1, TimeSpan.FromSeconds(30));

        house.Sandboxes.Restart(Box);
        var events = await house.FinishedAsync();

        Assert.Equal(TaskOutcome.Verified, Assert.Single(events.OfType<TaskEvent.Concluded>()).Outcome);
        Assert.Single(events.OfType<TaskEvent.ToolCallInterrupted>());
        Assert.False(Assert.Single(events.OfType<TaskEvent.SandboxRestored>()).Rebuilt);
        Assert.Equal([$"{TheTask}-2-0", $"{TheTask}-2-0-run2"], house.Sandboxes.Ran.Where(run => run.Arguments.Contains("old_string", StringComparison.Ordinal)).Select(run => run.Call));
    }

    [Fact]
    public async Task Task_WhenACallAlwaysKillsItsSandbox_TellsTheModelAndGoesOn()
    {
        await using var house = new TaskHouse(GreenPatch());
        house.Sandboxes.Behaviour = Fixing;
        house.Sandboxes.Gate = (call, _) =>
        {
            if (!call.ArgumentsJson.Contains("touch", StringComparison.Ordinal))
            {
                return Task.CompletedTask;
            }

            house.Sandboxes.RemoveAsync(Box, default).GetAwaiter().GetResult();
            throw new SandboxException("The container is gone.", isTransient: false) { IsLost = true };
        };
        await house.StartAsync();
        await house.SubmitAsync();

        var events = await house.FinishedAsync();

        Assert.Equal(TaskOutcome.Verified, Assert.Single(events.OfType<TaskEvent.Concluded>()).Outcome);
        Assert.Equal(2, events.OfType<TaskEvent.SandboxLost>().Count());
        Assert.Contains(
            "The sandbox died during each of 2 runs of this call",
            house.Model.Requests.Last().Messages.OfType<ChatMessage.ToolResult>().First().Content, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Task_WhenTheGatesContainerDies_RunsTheGateAgainAndCountsNoAttempt()
    {
        await using var house = new TaskHouse(GreenPatch());
        house.Sandboxes.Behaviour = Fixing;
        var died = 0;
        house.Sandboxes.Gate = (call, _) => call.ArgumentsJson.Contains("make test", StringComparison.Ordinal) && house.Model.Requests.Count > 3 && died++ == 0
            ? throw new SandboxException("The container is gone.", isTransient: false) { IsLost = true }
            : Task.CompletedTask;
        await house.StartAsync();
        await house.SubmitAsync();

        var events = await house.FinishedAsync();

        Assert.Equal(TaskOutcome.Verified, Assert.Single(events.OfType<TaskEvent.Concluded>()).Outcome);
        Assert.Equal(1, Fold([.. events]).GateRuns);
        Assert.Equal(FailureCode.EngineUnavailable, Assert.Single(events.OfType<TaskEvent.EffectFailed>()).Code);
    }
}
