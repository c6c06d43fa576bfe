using V4Agents.Core.Budgets;
using V4Agents.Core.Conversations;
using V4Agents.Core.Tasks;
using V4Agents.Core.Tools;
using V4Agents.Core.Verification;
using static V4Agents.TestKit.Tasks.Events;

namespace V4Agents.TestKit.Tasks;

/// <summary>One task in which everything happens that can: every kind of event, in an order that folds.</summary>
public static class GoldenTask
{
    public static readonly TaskId Fork = new("t-forkedforkedforkedfo");

    public static readonly IReadOnlyList<TaskEvent> EveryKind =
    [
        new TaskEvent.Submitted(TheTask, Submission() with { Ref = "main", Branch = "v4/fix", Approval = true }, Noon),
        Prepared(),
        VerificationStarted(VerificationKind.Baseline),
        Verified(VerificationKind.Baseline, passed: false, problem: "one check fails", commandMissing: true),
        CallStarted(0, ModelRole.Triage),
        CallCompleted(0),
        Triaged(),
        SandboxOpened(),
        ConversationOpened(),
        CallStarted(1),
        CallFailed(1, ModelFailure.RateLimited),
        CallStarted(1, attempt: 2),
        new TaskEvent.ModelCallInterrupted(new CallId(1, 2), ModelRole.Solver, 0.25m, Noon),
        CallStarted(1, attempt: 3),
        CallCompleted(1, "bash", "bash"),
        ToolStarted(1, 0),
        new TaskEvent.EffectFailed("tool_call", FailureCode.EngineUnavailable, "the engine is down", true, Noon.AddSeconds(5), Noon),
        new TaskEvent.ToolCallInterrupted(new ToolCallId(1, 0), Run: 1, Noon),
        new TaskEvent.SandboxLost(new("v4-box"), "the container is gone", Noon),
        new TaskEvent.SandboxRestored(new("v4-box-2"), new string('e', 40), Rebuilt: true, "The sandbox was rebuilt.", Noon),
        ToolStarted(1, 0),
        ToolCompleted(1, 0),
        new TaskEvent.WorkspaceCheckpointed(new string('1', 40), new string('2', 40), Blob("bundle"), BundleBytes: 1234, Noon),
        ToolStarted(1, 1),
        ToolCompleted(1, 1),
        new TaskEvent.WorkspaceUnsaved("the disk is full", Noon),
        new TaskEvent.Forked(
            Fork, TheTask, SourceSeq: 26, Step: 1, new Budget(10, 2.5m, TimeSpan.FromMinutes(30)), "another hash", Blob("try again"), "try again", Noon),
        new TaskEvent.Adopted(Epoch: 2, "silo-b", Noon),
        new TaskEvent.Paused("lunch", Noon),
        new TaskEvent.Said(Blob("use the other parser"), "use the other parser", Noon),
        new TaskEvent.Resumed(Noon.AddMinutes(1)),
        new TaskEvent.ClockAdjusted(-3600.5, Noon.AddMinutes(1)),
        CallStarted(2),
        CallCompleted(2, FinishReason.Stop, 0.01m),
        new TaskEvent.Nudged("no_call", Blob("nudge"), Noon),
        CallStarted(3),
        CallCompleted(3, FinishReason.ToolCalls, null, "submit"),
        PatchCaptured(APatch),
        VerificationStarted(VerificationKind.Gate, 2),
        Verified(VerificationKind.Gate, passed: true, 2),
        new TaskEvent.ApprovalRequested(1, "the workflow asks for it", Noon.AddDays(7), Noon),
        new TaskEvent.ApprovalAnswered(1, Approved: true, "looks good", Message: null, Noon.AddHours(3)),
        new TaskEvent.CancelRequested("too late", Noon.AddHours(3)),
        new TaskEvent.Halted("tool call", Processes: 2, Seconds: 0.25, Noon.AddHours(3)),
        Concluded(),
        new TaskEvent.SandboxClosed(new("v4-box-2"), Noon.AddHours(3)),
        new TaskEvent.BranchPushStarted("v4/fix", Noon.AddHours(3)),
        new TaskEvent.BranchPushCompleted("v4/fix", new string('9', 40), AlreadyThere: true, Refused: null, Noon.AddHours(3)),
        new TaskEvent.DeliveryStarted(Noon.AddHours(3)),
        new TaskEvent.DeliveryCompleted(Blob("patch"), Blob("report"), Blob("receipt"), Noon.AddHours(3)),
        new TaskEvent.Finished(Noon.AddHours(3).AddTicks(1_234_560)),
    ];
}
