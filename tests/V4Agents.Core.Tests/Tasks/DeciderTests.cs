using V4Agents.Core.Budgets;
using V4Agents.Core.Conversations;
using V4Agents.Core.Tasks;
using V4Agents.Core.Tools;
using V4Agents.Core.Verification;
using Xunit;
using static V4Agents.TestKit.Tasks.Events;

namespace V4Agents.Core.Tests.Tasks;

public sealed class DeciderTests
{
    private static TaskAction Decide(params TaskEvent[] events) => Decider.Decide(Fold(events), Workflow, Noon);

    [Fact]
    public void Decide_WhenNothingWasSubmitted_Rests() => Assert.Equal(new TaskAction.Rest(), Decide());

    [Fact]
    public void Decide_WhenSubmitted_PreparesTheRepositoryFirst() => Assert.Equal(new TaskAction.PrepareRepository(), Decide(Submitted()));

    [Fact]
    public void Decide_WhenPrepared_RunsTheChecksBeforeAnyMoneyIsSpent() =>
        Assert.Equal(new TaskAction.Verify(VerificationKind.Baseline, 1), Decide(Submitted(), Prepared()));

    [Fact]
    public void Decide_WhenACheckCommandIsMissing_EndsBeforeTheFirstModelCall()
    {
        var action = Decide(
            Submitted(), Prepared(), VerificationStarted(VerificationKind.Baseline),
            Verified(VerificationKind.Baseline, passed: false, problem: "no such command", commandMissing: true));

        Assert.Equal(new TaskAction.Conclude(TaskOutcome.Failed, FailureCode.CheckCommandMissing, "no such command"), action);
    }

    [Fact]
    public void Decide_WhenChecksFailOnTheUntouchedCommit_GoesOn() => Assert.Equal(
        new TaskAction.CallModel(new CallId(0, 1), ModelRole.Triage),
        Decide(Submitted(), Prepared(), VerificationStarted(VerificationKind.Baseline), Verified(VerificationKind.Baseline, passed: false)));

    [Fact]
    public void Decide_WhenTriageFailsTwice_GoesOnWithoutIt() => Assert.Equal(
        new TaskAction.SkipTriage(),
        Decide([.. Working().Take(4), CallStarted(0, ModelRole.Triage), CallFailed(0, ModelFailure.ServerFault), CallStarted(0, ModelRole.Triage, 2), CallFailed(0, ModelFailure.ServerFault, 2)]));

    [Fact]
    public void Decide_WhenTheServerRefusesTriageAsSuch_GoesOnWithoutIt() => Assert.Equal(
        new TaskAction.SkipTriage(), Decide([.. Working().Take(4), CallStarted(0, ModelRole.Triage), CallFailed(0, ModelFailure.Rejected)]));

    [Theory]
    [InlineData(ModelFailure.Unauthorized, FailureCode.ModelUnauthorized)]
    [InlineData(ModelFailure.NoBalance, FailureCode.ModelNoBalance)]
    [InlineData(ModelFailure.KeyMissing, FailureCode.ModelKeyMissing)]
    [InlineData(ModelFailure.Unreachable, FailureCode.ModelUnreachable)]
    public void Decide_WhenTheFirstCallShowsABadEndpoint_Fails(ModelFailure failure, FailureCode code) => Assert.Equal(
        new TaskAction.Conclude(TaskOutcome.Failed, code, "it failed"),
        Decide([.. Working().Take(4), CallStarted(0, ModelRole.Triage), CallFailed(0, failure)]));

    [Fact]
    public void Decide_WhenAnEndpointThatWorkedIsGone_WaitsAndCallsAgain()
    {
        var state = Fold(Working(CallStarted(1), CallFailed(1, ModelFailure.Unreachable, retryAt: Noon.AddSeconds(5))));

        Assert.Equal(new TaskAction.SleepUntil(Noon.AddSeconds(5)), Decider.Decide(state, Workflow, Noon));
        Assert.Equal(new TaskAction.CallModel(new CallId(1, 2), ModelRole.Solver), Decider.Decide(state, Workflow, Noon.AddSeconds(5)));
    }

    [Fact]
    public void Decide_WhenTheModelFailsAsOftenAsTheWorkflowAllows_Fails()
    {
        var action = Decide(Working(
            CallStarted(1), CallFailed(1, ModelFailure.RateLimited), CallStarted(1, attempt: 2), CallFailed(1, ModelFailure.RateLimited, 2),
            CallStarted(1, attempt: 3), CallFailed(1, ModelFailure.RateLimited, 3)));

        Assert.Equal(new TaskAction.Conclude(TaskOutcome.Failed, FailureCode.ModelUnavailable, "it failed (failed 3 times in a row)"), action);
    }

    [Fact]
    public void Decide_WhenTheWaitOutlastsTheWallTime_WakesAtTheDeadlineAndEnds()
    {
        var state = Fold(Working(CallStarted(1), CallFailed(1, ModelFailure.Unreachable, retryAt: Noon.AddHours(3))));

        Assert.Equal(new TaskAction.SleepUntil(Noon.AddHours(1)), Decider.Decide(state, Workflow, Noon));
        Assert.Equal(TaskOutcome.BudgetExhausted, Assert.IsType<TaskAction.Conclude>(Decider.Decide(state, Workflow, Noon.AddHours(1))).Outcome);
    }

    [Fact]
    public void Decide_WhenCallStartedButNotCompleted_ReconcilesItInsteadOfRepeating() => Assert.Equal(
        new TaskAction.Reconcile(new OpenEffect.ModelCall(new CallId(1, 1), ModelRole.Solver, "deepseek-v4-pro", 1000, 0.5m, Noon)), Decide(Working(CallStarted(1))));

    [Fact]
    public void Decide_WhenAnInterruptedCallWasBooked_CallsAgainAsAnotherAttempt() => Assert.Equal(
        new TaskAction.CallModel(new CallId(1, 2), ModelRole.Solver),
        Decide(Working(CallStarted(1), new TaskEvent.ModelCallInterrupted(new CallId(1, 1), ModelRole.Solver, 0.5m, Noon))));

    [Fact]
    public void Decide_WhenToolStartedButNotCompleted_AsksTheLedger()
    {
        var action = Decide(Working(CallStarted(1), CallCompleted(1, "bash"), ToolStarted(1, 0)));

        Assert.Equal(new TaskAction.Reconcile(new OpenEffect.ToolCall(new ToolCallRef(new ToolCallId(1, 0), "call_0", "bash", false))), action);
    }

    [Fact]
    public void Decide_WhenAReplyAsksForSeveralTools_RunsThemInOrder()
    {
        var first = Decide(Working(CallStarted(1), CallCompleted(1, "bash", "view")));
        var second = Decide(Working(CallStarted(1), CallCompleted(1, "bash", "view"), ToolStarted(1, 0), ToolCompleted(1, 0)));

        Assert.Equal("bash", Assert.IsType<TaskAction.RunTool>(first).Call.Name);
        Assert.Equal("view", Assert.IsType<TaskAction.RunTool>(second).Call.Name);
    }

    [Fact]
    public void Decide_WhenSubmitIsCalled_CapturesThePatchThenVerifiesIt()
    {
        TaskEvent[] submitted = Working(CallStarted(1), CallCompleted(1, "submit"));

        Assert.Equal(new TaskAction.CapturePatch(), Decide(submitted));
        Assert.Equal(new TaskAction.Verify(VerificationKind.Gate, 2), Decide([.. submitted, PatchCaptured(APatch)]));
    }

    [Fact]
    public void Decide_WhenTheGatePasses_ConcludesVerified()
    {
        var action = Decide(Working(
            CallStarted(1), CallCompleted(1, "submit"), PatchCaptured(APatch), VerificationStarted(VerificationKind.Gate, 2),
            Verified(VerificationKind.Gate, passed: true, 2)));

        Assert.Equal(TaskOutcome.Verified, Assert.IsType<TaskAction.Conclude>(action).Outcome);
    }

    [Fact]
    public void Decide_WhenTheGateFails_TellsTheModelAndGoesOn()
    {
        TaskEvent[] failed = Working(
            CallStarted(1), CallCompleted(1, "submit"), PatchCaptured(APatch), VerificationStarted(VerificationKind.Gate, 2),
            Verified(VerificationKind.Gate, passed: false, 2));

        Assert.Equal(new TaskAction.CallModel(new CallId(2, 1), ModelRole.Solver), Decide(failed));
        Assert.Equal(Blob("verdict 2"), Fold(failed).Messages[^1]);
    }

    [Fact]
    public void Decide_WhenTheGateFailedAsOftenAsTheWorkflowAllows_ConcludesGateFailed()
    {
        var action = Decide(Working(
            CallStarted(1), CallCompleted(1, "submit"), PatchCaptured(APatch), VerificationStarted(VerificationKind.Gate, 2),
            Verified(VerificationKind.Gate, passed: false, 2),
            CallStarted(2), CallCompleted(2, "submit"), VerificationStarted(VerificationKind.Gate, 3), Verified(VerificationKind.Gate, passed: false, 3)));

        Assert.Equal(TaskOutcome.GateFailed, Assert.IsType<TaskAction.Conclude>(action).Outcome);
    }

    [Fact]
    public void Decide_WhenTheWorkTreeMayNotBecomeAPatch_FailsWithTheReason()
    {
        var action = Decide(Working(
            CallStarted(1), CallCompleted(1, "submit"), PatchCaptured(null, "a link leaves the tree"),
            Verified(VerificationKind.Gate, passed: false, 2, "refused"), CallStarted(2), CallCompleted(2, "submit"),
            Verified(VerificationKind.Gate, passed: false, 3, "refused")));

        Assert.Equal(FailureCode.PatchRefused, Assert.IsType<TaskAction.Conclude>(action).Failure);
    }

    [Fact]
    public void Decide_WhenTheModelCallsNoTool_RemindsItThenTakesTheTreeAsItStands()
    {
        TaskEvent idle(int step) => CallCompleted(step, FinishReason.Stop, 0.01m);
        TaskEvent nudged = new TaskEvent.Nudged("nocall", Blob("nudge"), Noon);
        TaskEvent[] once = Working(CallStarted(1), idle(1));
        TaskEvent[] thrice = [.. once, nudged, CallStarted(2), idle(2), nudged, CallStarted(3), idle(3)];

        Assert.Equal(new TaskAction.Nudge(NudgeReason.NoCall), Decide(once));
        Assert.Equal(new TaskAction.CapturePatch(), Decide(thrice));
        Assert.Equal(new TaskAction.Verify(VerificationKind.Gate, 2), Decide([.. thrice, PatchCaptured(APatch)]));
        var ended = Decide([.. thrice, PatchCaptured(null), Verified(VerificationKind.Gate, passed: false, 2, "nothing", replies: false)]);
        Assert.Equal(TaskOutcome.NoChange, Assert.IsType<TaskAction.Conclude>(ended).Outcome);
    }

    [Fact]
    public void Decide_WhenAnEarlierGateFailedAndTheModelStopsAfterMoreWork_VerifiesTheNewTree()
    {
        TaskEvent idle(int step) => CallCompleted(step, FinishReason.Stop, 0.01m);
        TaskEvent nudged = new TaskEvent.Nudged("nocall", Blob("nudge"), Noon);
        var action = Decide(Working(
            CallStarted(1), CallCompleted(1, "submit"), PatchCaptured(APatch), Verified(VerificationKind.Gate, passed: false, 2),
            CallStarted(2), CallCompleted(2, "edit"), ToolStarted(2, 0, "edit"), ToolCompleted(2, 0, "edit"),
            CallStarted(3), idle(3), nudged, CallStarted(4), idle(4), nudged, CallStarted(5), idle(5), PatchCaptured(APatch)));

        Assert.Equal(new TaskAction.Verify(VerificationKind.Gate, 3), action);
    }

    [Fact]
    public void Decide_WhenTheReplyWasCut_SaysSo() => Assert.Equal(
        new TaskAction.Nudge(NudgeReason.Cut), Decide(Working(CallStarted(1), CallCompleted(1, FinishReason.Length, 0.01m))));

    [Fact]
    public void Decide_WhenArgumentsAreBroken_RefusesTheCallInsteadOfRunningIt()
    {
        var call = new ToolCallRef(new ToolCallId(1, 0), "call_0", "bash", Broken: true);
        var completed = (TaskEvent.ModelCallCompleted)CallCompleted(1) with { ToolCalls = [call] };

        Assert.Equal(new TaskAction.RefuseTool(call), Decide(Working(CallStarted(1), completed)));
    }

    [Theory]
    [InlineData(1, 5, 60, "the budget of 1 steps is used up")]
    [InlineData(50, 0.01, 60, "the budget of $0.01 is used up ($0.0200 spent)")]
    [InlineData(50, 5, 0, "the budget of 00:00:00 wall time is used up")]
    public void Decide_WhenABudgetIsUsedUp_EndsBeforeTheNextCall(int steps, double usd, int minutes, string why)
    {
        TaskEvent[] events = Working(CallStarted(1), CallCompleted(1, "bash"), ToolStarted(1, 0), ToolCompleted(1, 0));
        events[0] = Submitted(new Budget(steps, (decimal)usd, TimeSpan.FromMinutes(minutes)));

        Assert.Equal(new TaskAction.Conclude(TaskOutcome.BudgetExhausted, null, $"Stopped: {why}."), Decide(events));
    }

    [Fact]
    public void Decide_WhenMoneyIsGoneButTheWorkIsSubmitted_StillRunsTheGate()
    {
        TaskEvent[] events = Working(CallStarted(1), CallCompleted(1, "submit"), PatchCaptured(APatch));
        events[0] = Submitted(new Budget(1, 0.01m, TimeSpan.FromHours(1)));

        Assert.Equal(new TaskAction.Verify(VerificationKind.Gate, 2), Decide(events));
    }

    [Fact]
    public void Decide_WhenUnconfirmedSpendReachesTheBudget_Ends()
    {
        var action = Decide(Working(CallStarted(1, reserved: 6), new TaskEvent.ModelCallInterrupted(new CallId(1, 1), ModelRole.Solver, 6, Noon)));

        Assert.Equal(TaskOutcome.BudgetExhausted, Assert.IsType<TaskAction.Conclude>(action).Outcome);
    }

    [Fact]
    public void Decide_WhenCancelledDuringAModelCall_BooksTheCallThenClosesAndDelivers()
    {
        TaskEvent[] events = Working(CallStarted(1), new TaskEvent.CancelRequested("stop", Noon));
        Assert.IsType<OpenEffect.ModelCall>(Assert.IsType<TaskAction.Halt>(Decide(events)).Open);

        events = [.. events, new TaskEvent.ModelCallInterrupted(new CallId(1, 1), ModelRole.Solver, 0.5m, Noon), Halted("model call")];
        Assert.Equal(new TaskAction.Conclude(TaskOutcome.Cancelled, null, "stop"), Decide(events));

        events = [.. events, Concluded(TaskOutcome.Cancelled)];
        Assert.Equal(new TaskAction.CapturePatch(), Decide(events));

        events = [.. events, PatchCaptured(null)];
        Assert.Equal(new TaskAction.CloseSandbox(), Decide(events));

        events = [.. events, new TaskEvent.SandboxClosed(new("v4-box"), Noon)];
        Assert.Equal(new TaskAction.Deliver(), Decide(events));

        events = [.. events, new TaskEvent.DeliveryStarted(Noon), new TaskEvent.DeliveryCompleted(null, Blob("report"), Blob("receipt"), Noon)];
        Assert.Equal(new TaskAction.Finish(), Decide(events));
        Assert.Equal(new TaskAction.Rest(), Decide([.. events, new TaskEvent.Finished(Noon)]));
    }

    [Fact]
    public void Decide_WhenTheEngineCannotStopWhatRuns_ConcludesTheCancellationAllTheSame()
    {
        TaskEvent down = new TaskEvent.EffectFailed("stopping", FailureCode.EngineUnavailable, "down", IsTransient: true, Noon, Noon);
        TaskEvent[] cancelled = Working(CallStarted(1), CallCompleted(1, "bash"), ToolStarted(1, 0), new TaskEvent.CancelRequested("stop", Noon));

        Assert.IsType<TaskAction.Halt>(Decide([.. cancelled, down, down, down, down]));
        Assert.IsType<TaskAction.Conclude>(Decide([.. cancelled, down, down, down, down, down]));
    }

    [Fact]
    public void Decide_WhenTheEngineStaysDownWhileClosing_DeliversAllTheSame()
    {
        TaskEvent down = new TaskEvent.EffectFailed(EffectNames.CloseSandbox, FailureCode.EngineUnavailable, "down", IsTransient: true, Noon, Noon);

        Assert.Equal(new TaskAction.CloseSandbox(), Decide(Working(Concluded(), down)));
        Assert.Equal(new TaskAction.Deliver(), Decide(Working(Concluded(), down, down, down, down, down)));
    }

    [Fact]
    public void Decide_WhenTheWallTimeEndsDuringTheBaseline_Ends()
    {
        TaskEvent[] events = [Submitted(), Prepared(), VerificationStarted(VerificationKind.Baseline)];
        Assert.IsType<TaskAction.Halt>(Decider.Decide(Fold(events), Workflow, Noon.AddHours(2)));

        var ended = Decider.Decide(Fold([.. events, Halted("verification")]), Workflow, Noon.AddHours(2));
        Assert.Equal(TaskOutcome.BudgetExhausted, Assert.IsType<TaskAction.Conclude>(ended).Outcome);
    }

    [Fact]
    public void Decide_WhenAnOpenCallCannotBeReconciledAtTheEnd_BooksItAndGoesOn()
    {
        TaskEvent broken = new TaskEvent.EffectFailed("reconciling", FailureCode.Internal, "damaged", IsTransient: true, Noon, Noon);
        TaskEvent[] events = Working(CallStarted(1), Concluded(TaskOutcome.Failed));

        Assert.IsType<TaskAction.Reconcile>(Decide(events));
        Assert.IsType<TaskAction.Halt>(Decide([.. events, broken, broken, broken, broken, broken]));
    }
}
