using V4Agents.Core.Conversations;
using V4Agents.Core.Tools;
using V4Agents.Core.Verification;
using V4Agents.Core.Workflows;

namespace V4Agents.Core.Tasks;

/// <summary>The policy of issue-to-patch: from what has happened to what happens next. Pure, so that a restart decides the same again.</summary>
public static class Decider
{
    /// <summary>Failures in a row of the same step on infrastructure before a task gives up.</summary>
    private const int EffectAttempts = 5;

    /// <summary>An engine that restarts comes back: with the waits between attempts this is about half an hour.</summary>
    private const int EngineAttempts = 13;

    private const int TriageAttempts = 2;

    /// <summary>A call that takes its sandbox down with it twice is not run a third time.</summary>
    private const int ToolRuns = 2;

    public static TaskAction Decide(TaskState state, Workflow workflow, DateTimeOffset now) => state switch
    {
        { Submission: null } or { Finished: true } => new TaskAction.Rest(),
        { Delivered: not null } => new TaskAction.Finish(),
        { Conclusion: not null } => Close(state, now),
        { CancelReason: { } reason } => Stop(state, reason, now),
        { PausedAt: not null } => new TaskAction.Rest(),
        { Fault: { } fault } when GivesUp(state, fault, workflow) => GiveUp(state, fault),
        { Open: OpenEffect.ModelCall or OpenEffect.ToolCall or OpenEffect.Verification { Kind: VerificationKind.Baseline } } when state.Elapsed(now) >= state.Submission.Budget.WallTime => new TaskAction.Halt(state.Open),
        _ when Waits(state, now) => OverBudget(state, now, steps: false) ?? Sleep(state),
        { Open: { } open } => new TaskAction.Reconcile(open),
        { Repository: null } => new TaskAction.PrepareRepository(),
        { Baseline: null } => OverBudget(state, now, steps: false) ?? new TaskAction.Verify(VerificationKind.Baseline, 1),
        { Baseline: { Passed: false } baseline } when baseline.CommandMissing || baseline.Problem is not null => RefuseChecks(baseline),
        { Triaged: false } => Triage(state, workflow, now),
        { SeedTree: null } => new TaskAction.OpenSandbox(),
        { Sandbox: null } or { RestoreDue: true } => new TaskAction.RestoreSandbox(),
        { Tools: null } => new TaskAction.OpenConversation(),
        { Gate.Passed: true, GateIsCurrent: true, Unanswered: false } when state.Pending.IsEmpty || state.GateStep == state.Step => Approve(state, now),
        { Gate.Passed: false, Unanswered: false } when state.GateRuns >= workflow.GateAttempts => EndUnverified(state),
        { Pending: [{ Broken: true } call, ..] } => new TaskAction.RefuseTool(call),
        { Pending: [var call, ..] } when state.BrokenRuns >= ToolRuns || (state.BrokenRuns > 0 && state.Unsaved is not null) => new TaskAction.GiveUpTool(call),
        { Pending: [{ Name: ToolCatalog.Submit }, ..] } => TakeToGate(state),
        { Pending: [var call, ..] } => OverBudget(state, now, steps: false) ?? new TaskAction.RunTool(call),
        { GateIsCurrent: true } when Stopped(state, workflow) => EndUnverified(state),
        _ when Stopped(state, workflow) => TakeToGate(state),
        _ => OverBudget(state, now, steps: true) ?? Ask(state),
    };

    /// <summary>What runs is ended before the outcome is recorded: the receipt says when nothing was spent any more.</summary>
    private static TaskAction Stop(TaskState state, string reason, DateTimeOffset now) => state switch
    {
        _ when Waits(state, now) => new TaskAction.SleepUntil(state.NotBefore),
        { Halted: false } when (state.Fault?.InARow ?? 0) < EffectAttempts => new TaskAction.Halt(state.Open),
        _ => new TaskAction.Conclude(TaskOutcome.Cancelled, null, reason),
    };

    private static TaskAction Approve(TaskState state, DateTimeOffset now) => state switch
    {
        { Declined: { } comment } => new TaskAction.Conclude(TaskOutcome.Declined, null, comment),
        { Submission.Approval: true, Approved: false, Approval: null } => new TaskAction.AskApproval(state.Approvals + 1),
        { Approved: false, Approval: { } asked } when now >= asked.ExpiresAt =>
            new TaskAction.Conclude(TaskOutcome.Declined, null, $"Nobody approved the patch by {asked.ExpiresAt:u}."),
        { Approved: false, Approval: { } asked } => new TaskAction.SleepUntil(asked.ExpiresAt),
        _ => new TaskAction.Conclude(TaskOutcome.Verified, null, "The gate passed: the patch applies to a clean checkout and every check succeeds."),
    };

    /// <summary>A clock that was set back must not make a wait of seconds one of hours.</summary>
    private static bool Waits(TaskState state, DateTimeOffset now) => state.NotBefore > now && now >= state.UpdatedAt;

    private static TaskAction Ask(TaskState state) => state.NudgeDue is { } reason
        ? new TaskAction.Nudge(reason)
        : new TaskAction.CallModel(new CallId(state.Step + 1, state.Attempts + 1), ModelRole.Solver);

    private static TaskAction Triage(TaskState state, Workflow workflow, DateTimeOffset now) => state switch
    {
        { Attempts: >= TriageAttempts } or { Fault.IsTransient: false } => new TaskAction.SkipTriage(),
        _ => OverBudget(state, now, steps: true) ?? new TaskAction.CallModel(new CallId(0, state.Attempts + 1), ModelRole.Triage),
    };

    private static TaskAction TakeToGate(TaskState state) =>
        state.PatchKnown ? new TaskAction.Verify(VerificationKind.Gate, state.Verifications + 1) : new TaskAction.CapturePatch();

    /// <summary>The model has been reminded often enough and calls no tool: its work tree is taken as it stands.</summary>
    private static bool Stopped(TaskState state, Workflow workflow) => state.Pending.IsEmpty && state.Idle > workflow.Nudges;

    private static TaskAction.Conclude EndUnverified(TaskState state) => state switch
    {
        { PatchRefused: { } reason } => new(TaskOutcome.Failed, FailureCode.PatchRefused, $"The work tree cannot become a patch: {reason}"),
        { Patch: null } => new(TaskOutcome.NoChange, null, "The model ended without changing anything."),
        _ => new(TaskOutcome.GateFailed, null, $"The gate failed {state.GateRuns} time(s): {state.Gate?.Problem ?? "checks do not succeed on the patched tree."}"),
    };

    private static TaskAction.Conclude RefuseChecks(VerificationMark baseline) => baseline.CommandMissing
        ? new(TaskOutcome.Failed, FailureCode.CheckCommandMissing, baseline.Problem ?? "A check command does not exist in the sandbox.")
        : new(TaskOutcome.Failed, FailureCode.Internal, $"The checks cannot be run on the untouched commit: {baseline.Problem}");

    private static bool GivesUp(TaskState state, EffectFault fault, Workflow workflow) => fault switch
    {
        { IsTransient: false } => !IsOptional(state, fault),
        { Code: FailureCode.ModelUnreachable } when !state.EndpointProved => true,
        { Code: FailureCode.ModelUnreachable or FailureCode.ModelUnavailable } => fault.InARow >= workflow.ModelAttempts,
        { Code: FailureCode.EngineUnavailable } => fault.InARow >= EngineAttempts,
        _ => fault.InARow >= EffectAttempts,
    };

    /// <summary>A server that refuses the triage request as such (another model list, no JSON) does not stop the task.</summary>
    private static bool IsOptional(TaskState state, EffectFault fault) =>
        fault.Code == FailureCode.ModelRejected && !state.Triaged && state.Baseline is not null;

    private static TaskAction.Conclude GiveUp(TaskState state, EffectFault fault) => new(
        TaskOutcome.Failed, fault.Code, fault.InARow > 1 ? $"{fault.Message} (failed {fault.InARow} times in a row)" : fault.Message);

    private static TaskAction? OverBudget(TaskState state, DateTimeOffset now, bool steps) =>
        state.Submission!.Budget.Exhausted(steps ? state.Step - (state.Origin?.Step ?? 0) : 0, state.Spend, state.Elapsed(now)) is { } limit
            ? new TaskAction.Conclude(TaskOutcome.BudgetExhausted, null, $"Stopped: {limit}.")
            : null;

    private static TaskAction Close(TaskState state, DateTimeOffset now) => state switch
    {
        _ when Waits(state, now) => new TaskAction.SleepUntil(state.NotBefore),
        { Open: OpenEffect.ModelCall open } => (state.Fault?.InARow ?? 0) < EffectAttempts ? new TaskAction.Reconcile(open) : new TaskAction.Halt(open),
        // What the sandbox held is not lost with it: the partial patch comes from the last checkpoint.
        { Sandbox: null, SeedTree: not null, PatchKnown: false, Fault: null } when !state.Checkpoints.IsEmpty => new TaskAction.RestoreSandbox(),
        { Sandbox: not null, SandboxClosed: false, PatchKnown: false, Fault: null } => new TaskAction.CapturePatch(),
        // An engine that is down must not keep the outcome from its owner; the sweep removes the container later.
        { Sandbox: not null, SandboxClosed: false } when FailuresOf(EffectNames.CloseSandbox, state) < EffectAttempts && FailuresOf(EffectNames.PushBranch, state) == 0 =>
            new TaskAction.CloseSandbox(),
        { Conclusion.Outcome: TaskOutcome.Verified, Submission.Branch: { } branch, PushedCommit: null, PushRefused: null }
            when FailuresOf(EffectNames.PushBranch, state) < EffectAttempts => new TaskAction.PushBranch(branch),
        _ => new TaskAction.Deliver(),
    };

    private static int FailuresOf(string effect, TaskState state) => state.Fault is { } fault && fault.Effect == effect ? fault.InARow : 0;

    /// <summary>No longer than the wall-time budget lasts: its end must be noticed when it comes.</summary>
    private static TaskAction.SleepUntil Sleep(TaskState state) => new(state.NotBefore < state.Deadline ? state.NotBefore : state.Deadline);
}
