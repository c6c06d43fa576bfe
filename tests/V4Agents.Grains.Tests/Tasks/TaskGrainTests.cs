using V4Agents.Core.Budgets;
using V4Agents.Core.Conversations;
using V4Agents.Core.Journal;
using V4Agents.Core.Tasks;
using V4Agents.Core.Verification;
using V4Agents.Grains.Tasks;
using V4Agents.TestKit.Fakes;
using Xunit;
using static V4Agents.Grains.Tests.Tasks.TaskHouse;
using static V4Agents.TestKit.Tasks.Events;

namespace V4Agents.Grains.Tests.Tasks;

public sealed class TaskGrainTests
{
    [Fact]
    public async Task Task_WhenThePatchIsGood_EndsVerifiedAndLeavesNoContainer()
    {
        await using var house = new TaskHouse(GreenPatch());
        house.Sandboxes.Behaviour = Fixing;
        await house.StartAsync();

        await house.SubmitAsync();
        var events = await house.FinishedAsync();

        Assert.Equal(TaskOutcome.Verified, Assert.Single(events.OfType<TaskEvent.Concluded>()).Outcome);
        Assert.Equal([false, true], events.OfType<TaskEvent.VerificationCompleted>().Select(e => e.Passed));
        Assert.Empty(house.Sandboxes.Alive);
        Assert.Empty(house.Sandboxes.Registered);
        Assert.Equal(4, house.Model.Requests.Count);
    }

    /// <summary>The heart of the promise: whatever append the service dies before or after, the end is the same and nothing is done or paid twice.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Task_WhenTheServiceDiesAroundAnyAppend_ReachesTheSameEndOnce(bool after)
    {
        var (uninterrupted, _, appends) = await RunAsync(dieAt: null, after);
        Assert.InRange(appends, 20, 100);
        for (var dieAt = 1; dieAt <= appends; dieAt++)
        {
            var (events, house, _) = await RunAsync(dieAt, after);

            var state = Fold([.. events]);
            Assert.Equal(TaskOutcome.Verified, state.Conclusion?.Outcome);
            Assert.Equal(Fold([.. uninterrupted]).Prompt, state.Prompt);
            Assert.Equal(house.Sandboxes.Ran.Where(run => run.Sandbox.Value.EndsWith(TheTask.Value, StringComparison.Ordinal)).Select(run => run.Call).Distinct().Count(),
                house.Sandboxes.Ran.Count(run => run.Sandbox.Value.EndsWith(TheTask.Value, StringComparison.Ordinal)));
            // An answer that arrived and was not recorded is found again; a call whose intent was committed and that was never sent is booked as
            // unconfirmed, because nobody can know.
            Assert.Equal(4, house.Model.Requests.Count);
            Assert.InRange(state.Spend.Calls, 4, 5);
            Assert.InRange(house.Model.Kept.Count, 0, after ? 1 : 0);
            Assert.Empty(house.Sandboxes.Alive);
        }
    }

    private static async Task<(IReadOnlyList<TaskEvent> Events, TaskHouse House, int Appends)> RunAsync(int? dieAt, bool after)
    {
        await using var house = new TaskHouse(GreenPatch());
        house.Sandboxes.Behaviour = Fixing;
        var appends = 0;
        var died = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Task Die()
        {
            if (++appends != dieAt)
            {
                return Task.CompletedTask;
            }

            died.TrySetResult();
            return Task.Delay(Timeout.Infinite);
        }

        house.Journal.BeforeAppend = (_, _) => after ? Task.CompletedTask : Die();
        house.Journal.AfterAppend = (_, _) => after ? Die() : Task.CompletedTask;
        await house.StartAsync();
        var submitted = house.SubmitAsync();
        if (dieAt is not null)
        {
            // The first append is the submission itself, whose caller then never hears: it repeats it under the same key.
            await died.Task.WaitAsync(TimeSpan.FromSeconds(60));
            await house.RestartAsync();
            await house.SubmitAsync();
        }
        else
        {
            await submitted;
        }

        return (await house.FinishedAsync(), house, appends);
    }

    [Fact]
    public async Task Cancel_DuringAModelCall_AnswersAtOnceAndAbortsTheCall()
    {
        await using var house = new TaskHouse(GreenPatch());
        house.Sandboxes.Behaviour = Fixing;
        var aborted = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        house.Model.Gate = async (request, token) =>
        {
            if (request.Role == ModelRole.Solver)
            {
                await using var registration = token.Register(aborted.SetResult);
                await Task.Delay(Timeout.Infinite, token);
            }
        };
        await house.StartAsync();
        await house.SubmitAsync();
        await house.EventAsync(e => e is TaskEvent.ModelCallStarted { Role: ModelRole.Solver });

        var status = await house.Task().StatusAsync(default).WaitAsync(TimeSpan.FromSeconds(10));
        Assert.Equal("model call (solver, step 1)", status!.Activity);
        Assert.True(await house.Task().CancelAsync("enough", default).WaitAsync(TimeSpan.FromSeconds(10)));

        await aborted.Task.WaitAsync(TimeSpan.FromSeconds(10));
        var events = await house.FinishedAsync();
        Assert.Equal(TaskOutcome.Cancelled, Assert.Single(events.OfType<TaskEvent.Concluded>()).Outcome);
        Assert.Single(events.OfType<TaskEvent.ModelCallInterrupted>());
        Assert.Empty(house.Sandboxes.Alive);
        Assert.False(await house.Task().CancelAsync("again", default));
    }

    [Fact]
    public async Task Cancel_DuringAToolCall_RemovesTheContainer()
    {
        await using var house = new TaskHouse(GreenPatch());
        house.Sandboxes.Gate = (call, _) => call.Tool == "bash" && call.ArgumentsJson.Contains("touch", StringComparison.Ordinal) ? Task.Delay(Timeout.Infinite) : Task.CompletedTask;
        await house.StartAsync();
        await house.SubmitAsync();
        await house.EventAsync(e => e is TaskEvent.ToolCallStarted);

        Assert.True(await house.Task().CancelAsync("enough", default));

        await house.FinishedAsync();
        Assert.Empty(house.Sandboxes.Alive);
    }

    [Fact]
    public async Task Submit_Twice_IsOneTask()
    {
        await using var house = new TaskHouse(GreenPatch());
        house.Sandboxes.Behaviour = Fixing;
        await house.StartAsync();
        var submission = await house.SubmitAsync();

        Assert.Equal(SubmitAnswer.AlreadySubmitted, await house.Task().SubmitAsync(submission, default));
        Assert.Equal(SubmitAnswer.Conflict, await house.Task().SubmitAsync(submission with { RequestHash = "other" }, default));
        Assert.Single((await house.FinishedAsync()).OfType<TaskEvent.Submitted>());
    }

    [Fact]
    public async Task Task_WhenTheGateFailsFirst_LearnsItAndSubmitsAgain()
    {
        await using var house = new TaskHouse(new ScriptedModel(
            ScriptedModel.Calls(("write", """{"path":"wrong","content":"x"}""")),
            ScriptedModel.Calls(("submit", "{}")),
            ScriptedModel.Calls(("edit", "{}"), ("submit", "{}"))));
        house.Sandboxes.Behaviour = (call, files) =>
        {
            if (call.Tool == "write")
            {
                files["wrong"] = "x";
            }

            return Fixing(call, files);
        };
        await house.StartAsync();
        await house.SubmitAsync();

        var events = await house.FinishedAsync();

        Assert.Equal([false, false, true], events.OfType<TaskEvent.VerificationCompleted>().Select(e => e.Passed));
        var told = Assert.IsType<ChatMessage.ToolResult>(house.Model.Requests[^1].Messages[^1]);
        Assert.Equal("Gate: $ make test\nexit code 1\nFAILED a.py::t\n\n", told.Content);
    }

    [Fact]
    public async Task Task_WhenSubmittedWithoutAChange_IsToldSoWithoutAContainer()
    {
        await using var house = new TaskHouse(new ScriptedModel(ScriptedModel.Calls(("submit", "{}")), ScriptedModel.Calls(("submit", "{}"))));
        await house.StartAsync();
        await house.SubmitAsync();

        var events = await house.FinishedAsync();

        Assert.Equal(TaskOutcome.NoChange, Assert.Single(events.OfType<TaskEvent.Concluded>()).Outcome);
        Assert.Single(house.Sandboxes.Ran);
    }

    [Fact]
    public async Task Task_WhenArgumentsAreBroken_AnswersThemWithoutRunning()
    {
        await using var house = new TaskHouse(new ScriptedModel(
            ScriptedModel.Calls(("bash", "{\"command\": \"rm"), ("teleport", "{}")),
            ScriptedModel.Calls(("edit", "{}"), ("submit", "{}"))));
        house.Sandboxes.Behaviour = Fixing;
        await house.StartAsync();
        await house.SubmitAsync();

        var events = await house.FinishedAsync();

        Assert.Equal(TaskOutcome.Verified, Assert.Single(events.OfType<TaskEvent.Concluded>()).Outcome);
        Assert.DoesNotContain(house.Sandboxes.Ran, run => run.Arguments.Contains("rm", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Task_WhenTheKeyIsWrong_FailsOnTheFirstCallAndDeliversTheReport()
    {
        await using var house = new TaskHouse(GreenPatch());
        house.Model.Instead = _ => new ModelOutcome.Failure(ModelFailure.Unauthorized, "The key is wrong.", null);
        await house.StartAsync();
        await house.SubmitAsync();

        var events = await house.FinishedAsync();

        Assert.Equal(FailureCode.ModelUnauthorized, Assert.Single(events.OfType<TaskEvent.Concluded>()).Failure);
        Assert.Single(house.Model.Requests);
        Assert.Single(events.OfType<TaskEvent.DeliveryCompleted>());
    }

    [Fact]
    public async Task Task_WhenTheMoneyIsGone_DeliversThePartialPatchUnverified()
    {
        await using var house = new TaskHouse(GreenPatch());
        house.Sandboxes.Behaviour = Fixing;
        await house.StartAsync();
        await house.SubmitAsync(new Budget(2, 100, TimeSpan.FromHours(1)));

        var events = await house.FinishedAsync();

        Assert.Equal(TaskOutcome.BudgetExhausted, Assert.Single(events.OfType<TaskEvent.Concluded>()).Outcome);
        Assert.NotNull(Assert.Single(events.OfType<TaskEvent.PatchCaptured>()).Patch);
        Assert.NotNull(Assert.Single(events.OfType<TaskEvent.DeliveryCompleted>()).Patch);
        Assert.Single(events.OfType<TaskEvent.VerificationCompleted>(), e => e.Kind == VerificationKind.Baseline);
    }
}
