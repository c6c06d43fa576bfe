using V4Agents.Core.Budgets;
using V4Agents.Core.Conversations;
using V4Agents.Core.Tasks;
using V4Agents.Core.Verification;
using Xunit;
using static V4Agents.TestKit.Tasks.Events;

namespace V4Agents.Core.Tests.Tasks;

/// <summary>What people do to a running task: pause, steer, approve, stop.</summary>
public sealed class ControlTests
{
    private static readonly TaskEvent[] Verified = Working(
        CallStarted(1), CallCompleted(1, "submit"), PatchCaptured(APatch), VerificationStarted(VerificationKind.Gate, 2),
        Verified(VerificationKind.Gate, passed: true, 2));

    private static TaskAction Decide(params TaskEvent[] events) => Decider.Decide(Fold(events), Workflow, Noon);

    private static TaskAction DecideAt(DateTimeOffset now, params TaskEvent[] events) => Decider.Decide(Fold(events), Workflow, now);

    private static TaskEvent[] Asking(params TaskEvent[] rest)
    {
        TaskEvent[] events = [.. Verified, .. rest];
        events[0] = ((TaskEvent.Submitted)events[0]) with { Submission = Submission() with { Approval = true } };
        return events;
    }

    [Fact]
    public void Decide_WhenPaused_BeginsNothing()
    {
        Assert.Equal(new TaskAction.Rest(), Decide(Working(Paused())));
        Assert.Equal(new TaskAction.Rest(), Decide(Working(CallStarted(1), CallCompleted(1, "bash"), ToolStarted(1, 0), Paused())));
        Assert.IsType<TaskAction.CallModel>(Decide(Working(Paused(), Resumed(Noon))));
    }

    [Fact]
    public void Decide_WhenPausedForLongerThanTheWallTime_GoesOnWithWhatWasLeft()
    {
        TaskEvent[] events = Working(Paused(Noon.AddMinutes(10)), Resumed(Noon.AddDays(3)));

        Assert.IsType<TaskAction.CallModel>(DecideAt(Noon.AddDays(3).AddMinutes(49), events));
        Assert.Equal(TaskOutcome.BudgetExhausted, Assert.IsType<TaskAction.Conclude>(DecideAt(Noon.AddDays(3).AddMinutes(51), events)).Outcome);
    }

    [Fact]
    public void Decide_WhenCancelledWhilePaused_Stops() =>
        Assert.Equal(new TaskAction.Halt(null), Decide(Working(Paused(), new TaskEvent.CancelRequested("stop", Noon))));

    [Fact]
    public void Fold_OfAMessageAtABoundary_EndsThePromptWithIt()
    {
        var state = Fold(Working(Said("use tabs")));

        Assert.Equal(Blob("use tabs"), state.Messages[^1]);
        Assert.True(state.Unanswered);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Fold_OfAMessageDuringAReplyOrATool_WaitsForTheNextBoundary(bool duringTheReply)
    {
        TaskEvent[] before = duringTheReply ? [CallStarted(1), Said("use tabs"), CallCompleted(1, "bash")] : [CallStarted(1), CallCompleted(1, "bash"), ToolStarted(1, 0), Said("use tabs")];
        var waiting = Fold(Working(before));
        Assert.DoesNotContain(Blob("use tabs"), waiting.Messages);

        TaskEvent[] after = [.. before, .. duringTheReply ? [ToolStarted(1, 0)] : Array.Empty<TaskEvent>(), ToolCompleted(1, 0)];
        Assert.Equal([Blob("result 1 0"), Blob("use tabs")], Fold(Working(after)).Messages.TakeLast(2));
    }

    [Fact]
    public void Decide_WhenSteeredDuringTheGate_LetsTheModelAnswerBeforeTheTaskEnds()
    {
        TaskEvent[] events = Working(
            CallStarted(1), CallCompleted(1, "submit"), PatchCaptured(APatch), VerificationStarted(VerificationKind.Gate, 2), Said("also fix the docs"),
            Verified(VerificationKind.Gate, passed: true, 2));

        Assert.Equal(new TaskAction.CallModel(new CallId(2, 1), ModelRole.Solver), Decide(events));
        // It answers that nothing is left to do: what the gate passed stands.
        Assert.Equal(TaskOutcome.Verified, Assert.IsType<TaskAction.Conclude>(
            Decide([.. events, CallStarted(2), CallCompleted(2, FinishReason.Stop, 0.01m)])).Outcome);
        // It asks for more: that is done first.
        Assert.IsType<TaskAction.RunTool>(Decide([.. events, CallStarted(2), CallCompleted(2, "edit")]));
        // It changes something: that must pass the gate again.
        Assert.IsType<TaskAction.CallModel>(Decide([.. events, CallStarted(2), CallCompleted(2, "edit"), ToolStarted(2, 0, "edit"), ToolCompleted(2, 0, "edit")]));
    }

    [Fact]
    public void Decide_WhenAModelThatStoppedIsSteered_CallsItAgain()
    {
        TaskEvent idle(int step) => CallCompleted(step, FinishReason.Stop, 0.01m);
        TaskEvent nudged = new TaskEvent.Nudged("nocall", Blob("nudge"), Noon);
        TaskEvent[] stopped = Working(CallStarted(1), idle(1), nudged, CallStarted(2), idle(2), nudged, CallStarted(3), idle(3));

        Assert.Equal(new TaskAction.CallModel(new CallId(4, 1), ModelRole.Solver), Decide([.. stopped, Said("go on")]));
    }

    [Fact]
    public void Decide_WhenApprovalIsWanted_WaitsForDaysThenEndsDeclined()
    {
        Assert.Equal(new TaskAction.AskApproval(1), Decide(Asking()));

        TaskEvent[] asked = Asking(new TaskEvent.ApprovalRequested(1, "the gate passed", Noon.AddDays(7), Noon));
        Assert.Equal(new TaskAction.SleepUntil(Noon.AddDays(7)), DecideAt(Noon.AddDays(6), asked));
        Assert.Equal(TaskOutcome.Declined, Assert.IsType<TaskAction.Conclude>(DecideAt(Noon.AddDays(7), asked)).Outcome);
    }

    [Fact]
    public void Decide_WhenApproved_ConcludesVerifiedAlthoughTheWallTimeWouldBeOver()
    {
        TaskEvent[] asked = Asking(new TaskEvent.ApprovalRequested(1, "the gate passed", Noon.AddDays(7), Noon));

        var action = DecideAt(Noon.AddDays(5), [.. asked, new TaskEvent.ApprovalAnswered(1, Approved: true, "fine", null, Noon.AddDays(5))]);

        Assert.Equal(TaskOutcome.Verified, Assert.IsType<TaskAction.Conclude>(action).Outcome);
    }

    [Fact]
    public void Decide_WhenDeclinedWithAComment_GoesOnWithItAndAsksAgainAfterTheNextGate()
    {
        TaskEvent[] declined = Asking(
            new TaskEvent.ApprovalRequested(1, "the gate passed", Noon.AddDays(7), Noon), new TaskEvent.ApprovalAnswered(1, Approved: false, "no tabs", Blob("no tabs"), Noon));
        Assert.Equal(new TaskAction.CallModel(new CallId(2, 1), ModelRole.Solver), Decide(declined));
        Assert.Equal(Blob("no tabs"), Fold(declined).Messages[^1]);

        TaskEvent[] again =
        [
            .. declined, CallStarted(2), CallCompleted(2, "edit", "submit"), ToolStarted(2, 0, "edit"), ToolCompleted(2, 0, "edit"), PatchCaptured(APatch),
            VerificationStarted(VerificationKind.Gate, 3), Verified(VerificationKind.Gate, passed: true, 3),
        ];
        Assert.Equal(new TaskAction.AskApproval(2), Decide(again));
    }

    [Fact]
    public void Decide_WhenDeclinedWithoutAComment_EndsDeclined() => Assert.Equal(TaskOutcome.Declined, Assert.IsType<TaskAction.Conclude>(Decide(Asking(
        new TaskEvent.ApprovalRequested(1, "the gate passed", Noon.AddDays(7), Noon),
        new TaskEvent.ApprovalAnswered(1, Approved: false, null, null, Noon)))).Outcome);

    [Fact]
    public void Decide_WhenTheWallTimeEndsDuringATool_StopsItAndEnds()
    {
        TaskEvent[] running = Working(CallStarted(1), CallCompleted(1, "bash"), ToolStarted(1, 0));

        Assert.IsType<TaskAction.Reconcile>(DecideAt(Noon.AddMinutes(59), running));
        Assert.IsType<TaskAction.Halt>(DecideAt(Noon.AddMinutes(60), running));
        var ended = DecideAt(Noon.AddMinutes(61), [.. running, Halted("tool call")]);
        Assert.Equal(TaskOutcome.BudgetExhausted, Assert.IsType<TaskAction.Conclude>(ended).Outcome);
    }

    [Fact]
    public void Decide_WhenTheClockWasSetBack_DoesNotWaitForItToComeAround()
    {
        TaskEvent failed = new TaskEvent.ModelCallFailed(new CallId(1, 1), ModelRole.Solver, ModelFailure.ServerFault, "it failed", Noon.AddSeconds(5), Noon);

        Assert.IsType<TaskAction.SleepUntil>(DecideAt(Noon, Working(CallStarted(1), failed)));
        Assert.IsType<TaskAction.CallModel>(DecideAt(Noon.AddHours(-3), Working(CallStarted(1), failed)));
    }

    [Fact]
    public void Decide_WhenTheClockWasSetForward_DoesNotCountTheJumpAsWallTime()
    {
        TaskEvent[] jumped = Working(new TaskEvent.ClockAdjusted(TimeSpan.FromHours(5).TotalSeconds, Noon.AddHours(5)));

        Assert.IsType<TaskAction.CallModel>(DecideAt(Noon.AddHours(5), jumped));
    }

    [Fact]
    public void Decide_WhenVerifiedAndABranchIsWanted_PushesItOnceBeforeDelivery()
    {
        TaskEvent[] events = [.. Verified, Concluded(), new TaskEvent.SandboxClosed(new("v4-box"), Noon)];
        events[0] = ((TaskEvent.Submitted)events[0]) with { Submission = Submission() with { Branch = "fix" } };
        TaskEvent down = new TaskEvent.EffectFailed(EffectNames.PushBranch, FailureCode.RepositoryUnreachable, "down", IsTransient: true, Noon, Noon);

        Assert.Equal(new TaskAction.PushBranch("fix"), Decide(events));
        Assert.Equal(new TaskAction.PushBranch("fix"), Decide([.. events, new TaskEvent.BranchPushStarted("fix", Noon)]));
        Assert.Equal(new TaskAction.Deliver(), Decide([.. events, new TaskEvent.BranchPushCompleted("fix", "c", AlreadyThere: true, null, Noon)]));
        Assert.Equal(new TaskAction.Deliver(), Decide([.. events, new TaskEvent.BranchPushCompleted("fix", null, AlreadyThere: false, "exists", Noon)]));
        Assert.Equal(new TaskAction.Deliver(), Decide([.. events, down, down, down, down, down]));
    }

    [Fact]
    public void Fold_OfAFork_KeepsTheConversationAndTheSavedTreeAndNothingElse()
    {
        TaskEvent[] events = Working(
            CallStarted(1), CallCompleted(1, "bash"), ToolStarted(1, 0), ToolCompleted(1, 0), Checkpointed("a"), CallStarted(2), CallCompleted(2, "submit"),
            PatchCaptured(APatch), VerificationStarted(VerificationKind.Gate, 2), Verified(VerificationKind.Gate, passed: true, 2));
        var source = Fold(events);
        var fork = Fold([.. events, new TaskEvent.Forked(new TaskId("t-fork"), TheTask, events.Length, 2, new Budget(7, 1, TimeSpan.FromHours(2)), "h", Blob("try tabs"), "try tabs", Noon)]);

        Assert.Equal([.. source.Messages, Blob("try tabs")], fork.Messages);
        Assert.Equal(source.Checkpoints, fork.Checkpoints);
        Assert.Equal((source.Step, source.SeedTree), (fork.Step, fork.SeedTree));
        Assert.Equal((null, null, 0, Spend.None), (fork.Sandbox, fork.Gate, fork.GateRuns, fork.Spend));
        Assert.Equal(new Origin(TheTask, events.Length, 2), fork.Origin);
        Assert.Equal(new TaskAction.RestoreSandbox(), Decider.Decide(fork, Workflow, Noon));
        Assert.Equal(new TaskAction.CallModel(new CallId(3, 1), ModelRole.Solver), Decider.Decide(fork.Apply(Restored()), Workflow, Noon));
    }

    [Fact]
    public void Decide_WhenTheEngineIsDownAtTheEnd_PushesTheVerifiedBranchAllTheSame()
    {
        TaskEvent[] events = [.. Verified, Concluded()];
        events[0] = ((TaskEvent.Submitted)events[0]) with { Submission = Submission() with { Branch = "fix" } };
        TaskEvent down = new TaskEvent.EffectFailed(EffectNames.CloseSandbox, FailureCode.EngineUnavailable, "down", IsTransient: true, Noon, Noon);
        TaskEvent refused = new TaskEvent.EffectFailed(EffectNames.PushBranch, FailureCode.RepositoryUnreachable, "down", IsTransient: true, Noon, Noon);

        Assert.Equal(new TaskAction.PushBranch("fix"), Decide([.. events, down, down, down, down, down]));
        Assert.Equal(new TaskAction.PushBranch("fix"), Decide([.. events, down, down, down, down, down, refused]));
    }

    [Fact]
    public void Decide_OfAForkOfACancelledTask_GoesOn()
    {
        TaskEvent[] events = Working(
            CallStarted(1), CallCompleted(1, "bash"), ToolStarted(1, 0), new TaskEvent.CancelRequested("stop", Noon), ToolCompleted(1, 0));

        var fork = Fold([.. events, new TaskEvent.Forked(new TaskId("t-fork"), TheTask, events.Length, 1, Workflow.Budget, "h", null, null, Noon), Restored()]);

        Assert.IsType<TaskAction.CallModel>(Decider.Decide(fork, Workflow, Noon));
    }

    [Fact]
    public void Elapsed_WhenPausedWhileWaitingForApproval_CountsTheTimeOnce()
    {
        TaskEvent[] events = Asking(
            new TaskEvent.ApprovalRequested(1, "the gate passed", Noon.AddDays(7), Noon), Paused(Noon.AddHours(1)),
            new TaskEvent.ApprovalAnswered(1, Approved: false, "no tabs", Blob("no tabs"), Noon.AddHours(10)), Resumed(Noon.AddHours(11)));

        Assert.Equal(TimeSpan.FromMinutes(5), Fold(events).Elapsed(Noon.AddHours(11).AddMinutes(5)));
    }

    [Fact]
    public void Fold_OfAMessageDuringACallThatFails_IsInTheRetry() =>
        Assert.Equal(Blob("use tabs"), Fold(Working(CallStarted(1), Said("use tabs"), CallFailed(1, ModelFailure.ServerFault))).Messages[^1]);
}
