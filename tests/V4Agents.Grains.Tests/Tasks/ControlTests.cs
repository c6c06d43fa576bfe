using V4Agents.Core.Budgets;
using V4Agents.Core.Conversations;
using V4Agents.Core.Tasks;
using V4Agents.Grains.Tasks;
using V4Agents.TestKit.Fakes;
using Xunit;
using static V4Agents.Grains.Tests.Tasks.TaskHouse;
using static V4Agents.TestKit.Tasks.Events;

namespace V4Agents.Grains.Tests.Tasks;

public sealed class ControlTests
{
    private static async Task<TaskHouse> HouseAsync()
    {
        var house = new TaskHouse(GreenPatch());
        house.Sandboxes.Behaviour = Fixing;
        await house.StartAsync();
        return house;
    }

    private static async Task<Core.Blobs.BlobId> UserMessageAsync(TaskHouse house, string text) =>
        await house.Journal.PutAsync(MessageCodec.Encode(new ChatMessage.User(text)), default);

    [Fact]
    public async Task Cancel_DuringAModelCall_BooksTheBoundAndRecordsWhenNothingWasSpentAnyMore()
    {
        await using var house = await HouseAsync();
        house.Model.Gate = (request, token) => request.Role == ModelRole.Solver ? Task.Delay(Timeout.Infinite, token) : Task.CompletedTask;
        await house.SubmitAsync();
        await house.EventAsync(e => e is TaskEvent.ModelCallStarted { Role: ModelRole.Solver });

        Assert.True(await house.Task().CancelAsync("enough", default));
        var events = await house.FinishedAsync();

        var halted = Assert.Single(events.OfType<TaskEvent.Halted>());
        Assert.Equal("model call", halted.Effect);
        Assert.InRange(halted.Seconds, 0, 3);
        Assert.Single(events.OfType<TaskEvent.ModelCallInterrupted>());
        Assert.Empty(house.Sandboxes.Alive);
    }

    [Fact]
    public async Task Cancel_WhenTheServiceDiesBeforeItActed_IsCompletedAfterTheRestart()
    {
        await using var house = await HouseAsync();
        var calling = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        house.Model.Gate = (request, token) => request.Role == ModelRole.Solver && calling.TrySetResult() ? Task.Delay(Timeout.Infinite, token) : Task.CompletedTask;
        await house.SubmitAsync();
        await calling.Task.WaitAsync(TimeSpan.FromSeconds(30));
        var requests = house.Model.Requests.Count;
        var committed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        house.Journal.AfterAppend = (_, appended) =>
        {
            if (appended[0] is not TaskEvent.CancelRequested)
            {
                return Task.CompletedTask;
            }

            committed.TrySetResult();
            return Task.Delay(Timeout.Infinite);
        };

        _ = house.Task().CancelAsync("enough", default);
        await committed.Task.WaitAsync(TimeSpan.FromSeconds(30));
        house.Journal.AfterAppend = (_, _) => Task.CompletedTask;
        await house.RestartAsync();
        await house.Task().WakeAsync(default);
        var events = await house.FinishedAsync();

        Assert.Equal(TaskOutcome.Cancelled, Assert.Single(events.OfType<TaskEvent.Concluded>()).Outcome);
        Assert.Single(events.OfType<TaskEvent.Halted>());
        Assert.Equal(requests, house.Model.Requests.Count);
    }

    [Fact]
    public async Task Task_WhenItsWallTimeEndsDuringACommand_StopsTheCommandAndDeliversWhatThereIs()
    {
        await using var house = await HouseAsync();
        house.Sandboxes.Gate = (call, _) => call.Tool == "edit" ? Task.Delay(Timeout.Infinite) : Task.CompletedTask;
        await house.SubmitAsync(new Budget(50, 5, TimeSpan.FromSeconds(4)));

        var events = await house.FinishedAsync();

        Assert.Equal(TaskOutcome.BudgetExhausted, Assert.Single(events.OfType<TaskEvent.Concluded>()).Outcome);
        Assert.Equal("tool call", Assert.Single(events.OfType<TaskEvent.Halted>()).Effect);
        Assert.Empty(house.Sandboxes.Alive);
    }

    /// <summary>A command without a server has only the database.</summary>
    [Fact]
    public async Task Cancel_FromAnotherProcessDuringAModelCall_AbortsIt()
    {
        await using var house = await HouseAsync();
        var calling = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        house.Model.Gate = (request, token) => request.Role == ModelRole.Solver && calling.TrySetResult() ? Task.Delay(Timeout.Infinite, token) : Task.CompletedTask;
        await house.SubmitAsync();
        await calling.Task.WaitAsync(TimeSpan.FromSeconds(30));

        await house.Journal.AppendFromOutsideAsync(TheTask, new TaskEvent.CancelRequested("enough", TimeProvider.System.GetUtcNow()));
        var events = await house.FinishedAsync();

        Assert.InRange(Assert.Single(events.OfType<TaskEvent.Halted>()).Seconds, 0, 3);
        Assert.Empty(events.OfType<TaskEvent.Adopted>());
    }

    [Fact]
    public async Task Say_FromAnotherProcessDuringACommand_CostsTheWriterNothing()
    {
        await using var house = await HouseAsync();
        var running = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var go = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        house.Sandboxes.Gate = (call, _) => call.Tool == "edit" && running.TrySetResult() ? go.Task : Task.CompletedTask;
        await house.SubmitAsync();
        await running.Task.WaitAsync(TimeSpan.FromSeconds(30));

        await house.Journal.AppendFromOutsideAsync(TheTask, new TaskEvent.Said(await UserMessageAsync(house, "use tabs"), "use tabs", Noon));
        go.SetResult();
        var events = await house.FinishedAsync();

        Assert.Equal(TaskOutcome.Verified, Assert.Single(events.OfType<TaskEvent.Concluded>()).Outcome);
        Assert.Equal("use tabs", Assert.IsType<ChatMessage.User>(house.Model.Requests[^1].Messages[^1]).Content);
        Assert.Empty(events.OfType<TaskEvent.Adopted>());
        Assert.Single(house.Sandboxes.Ran, run => run.Arguments.Contains("old_string", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Pause_DuringAModelCall_LetsItEndAndBeginsNothingUntilResumed()
    {
        await using var house = await HouseAsync();
        var answer = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        house.Model.Gate = (request, _) => request.Role == ModelRole.Solver ? answer.Task : Task.CompletedTask;
        await house.SubmitAsync();
        await house.EventAsync(e => e is TaskEvent.ModelCallStarted { Role: ModelRole.Solver });

        Assert.True(await house.Task().PauseAsync("lunch", default));
        answer.SetResult();
        await house.EventAsync(e => e is TaskEvent.ModelCallCompleted { Role: ModelRole.Solver });
        await house.RestartAsync();
        await house.Task().WakeAsync(default);
        Assert.Equal("paused", (await house.Task().StatusAsync(default))!.Activity);
        Assert.DoesNotContain(await EventsAsync(house), e => e is TaskEvent.ToolCallStarted);

        Assert.True(await house.Task().ResumeAsync(default));
        Assert.Equal(TaskOutcome.Verified, Assert.Single((await house.FinishedAsync()).OfType<TaskEvent.Concluded>()).Outcome);
    }

    [Fact]
    public async Task Say_DuringAModelCall_IsSeenByTheNext()
    {
        await using var house = await HouseAsync();
        var answer = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        house.Model.Gate = (request, _) => request.Role == ModelRole.Solver ? answer.Task : Task.CompletedTask;
        await house.SubmitAsync();
        await house.EventAsync(e => e is TaskEvent.ModelCallStarted { Role: ModelRole.Solver });

        Assert.True(await house.Task().SayAsync(await UserMessageAsync(house, "use tabs"), "use tabs", default));
        answer.SetResult();
        await house.FinishedAsync();

        Assert.Equal("use tabs", Assert.IsType<ChatMessage.User>(house.Model.Requests.Where(r => r.Role == ModelRole.Solver).ElementAt(1).Messages[^1]).Content);
        Assert.False(await house.Task().SayAsync(await UserMessageAsync(house, "too late"), "too late", default));
    }

    /// <summary>A prompt that was decided on before a message came must not be sent under the old hash.</summary>
    [Fact]
    public async Task Say_BetweenTheDecisionAndItsCommit_IsInThePromptThatWasRecorded()
    {
        await using var house = await HouseAsync();
        var said = 0;
        Task<bool>? saying = null;
        house.Journal.BeforeAppend = async (_, events) =>
        {
            if (events[0] is TaskEvent.ConversationOpened && said++ == 0)
            {
                saying = house.Task().SayAsync(await UserMessageAsync(house, "use tabs"), "use tabs", default);
            }
        };
        await house.SubmitAsync();

        var events = await house.FinishedAsync();

        foreach (var (start, i) in events.Select((e, i) => (e as TaskEvent.ModelCallStarted, i)).Where(pair => pair.Item1?.Role == ModelRole.Solver))
        {
            Assert.Equal(Fold([.. events.Take(i)]).Prompt, start!.Prompt);
        }
    }

    [Fact]
    public async Task Approve_AfterARestart_DeliversWhatTheGatePassed()
    {
        await using var house = await HouseAsync();
        await house.SubmitAsync(change: submission => submission with { Approval = true });
        await house.EventAsync(e => e is TaskEvent.ApprovalRequested);
        await house.RestartAsync();
        Assert.StartsWith("waiting for approval", (await house.Task().StatusAsync(default))!.Activity, StringComparison.Ordinal);

        Assert.True(await house.Task().ApproveAsync(null, approved: true, "fine", null, default));

        var events = await house.FinishedAsync();
        Assert.Equal(TaskOutcome.Verified, Assert.Single(events.OfType<TaskEvent.Concluded>()).Outcome);
        Assert.False(await house.Task().ApproveAsync(null, approved: false, null, null, default));
    }

    [Fact]
    public async Task Task_WhenABranchIsWanted_PushesItOnceAlthoughTheServiceDiesAfterThePush()
    {
        await using var house = await HouseAsync();
        var died = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        house.Journal.BeforeAppend = (_, events) =>
        {
            if (events[0] is not TaskEvent.BranchPushCompleted || died.Task.IsCompleted)
            {
                return Task.CompletedTask;
            }

            died.SetResult();
            return Task.Delay(Timeout.Infinite);
        };
        await house.SubmitAsync(change: submission => submission with { Branch = "v4/fix" });
        await died.Task.WaitAsync(TimeSpan.FromSeconds(60));
        await house.RestartAsync();
        await house.Task().WakeAsync(default);

        var events = await house.FinishedAsync();

        Assert.True(Assert.Single(events.OfType<TaskEvent.BranchPushCompleted>()).AlreadyThere);
        Assert.Single(house.Repositories.Branches);
    }

    [Fact]
    public async Task Fork_OfAFinishedTask_GoesOnFromTheStepWithItsFilesAndItsPrompt()
    {
        await using var house = await HouseAsync();
        await house.SubmitAsync();
        var source = await house.FinishedAsync();
        var upTo = ForkPoints.After([.. source], 2)!.Value;
        var fork = new TaskId("t-aaaaaaaaaaaaaaaaaaaa");
        var message = await UserMessageAsync(house, "now with tabs");
        var request = new ForkRequest(TheTask, upTo, 2, new Budget(50, 5, TimeSpan.FromHours(1)), message, "now with tabs", "fork");

        Assert.Equal(SubmitAnswer.Created, await house.Task(fork.Value).ForkAsync(request, default));
        Assert.Equal(SubmitAnswer.AlreadySubmitted, await house.Task(fork.Value).ForkAsync(request, default));
        var events = await house.FinishedAsync(fork);

        Assert.Equal(TaskOutcome.Verified, Assert.Single(events.OfType<TaskEvent.Concluded>()).Outcome);
        var first = house.Model.Requests[4];
        Assert.Equal("now with tabs", Assert.IsType<ChatMessage.User>(first.Messages[^1]).Content);
        Assert.Equal(house.Model.Requests[3].Messages.SkipLast(0).Select(it => it.ToString()), first.Messages.SkipLast(1).Select(it => it.ToString()));
        Assert.Equal(Fold([.. source.Take((int)upTo)]).Checkpoints[^1].Tree, Assert.Single(events.OfType<TaskEvent.SandboxRestored>()).Tree);
        Assert.Empty(house.Sandboxes.Alive);
    }

    private static async Task<IEnumerable<TaskEvent>> EventsAsync(TaskHouse house) => (await house.Journal.ReadAsync(TheTask, 0, default)).Select(entry => entry.Event);
}
