using V4Agents.Core.Conversations;
using V4Agents.Core.Tools;
using V4Agents.Core.Verification;

namespace V4Agents.Core.Tasks;

/// <summary>What a task does next. Named by the policy, performed elsewhere.</summary>
public abstract record TaskAction
{
    private TaskAction() { }

    /// <summary>Nothing: the task has finished, or was never submitted.</summary>
    public sealed record Rest : TaskAction;

    public sealed record SleepUntil(DateTimeOffset At) : TaskAction;

    public sealed record PrepareRepository : TaskAction;

    public sealed record Verify(VerificationKind Kind, int Number) : TaskAction;

    public sealed record CallModel(CallId Call, ModelRole Role) : TaskAction;

    /// <summary>Triage could not be had; the task goes on without it.</summary>
    public sealed record SkipTriage : TaskAction;

    public sealed record OpenSandbox : TaskAction;

    /// <summary>Put the work tree back to the last checkpoint: in the same container when it still is there, else in a new one.</summary>
    public sealed record RestoreSandbox : TaskAction;

    public sealed record OpenConversation : TaskAction;

    public sealed record RunTool(ToolCallRef Call) : TaskAction;

    /// <summary>The call cannot be run as written; the model is told so.</summary>
    public sealed record RefuseTool(ToolCallRef Call) : TaskAction;

    /// <summary>The sandbox died in every run of the call; the model is told so.</summary>
    public sealed record GiveUpTool(ToolCallRef Call) : TaskAction;

    public sealed record Nudge(NudgeReason Reason) : TaskAction;

    public sealed record CapturePatch : TaskAction;

    /// <summary>An effect was begun and its end is unknown: find out, by the rule of its kind.</summary>
    public sealed record Reconcile(OpenEffect Open) : TaskAction;

    /// <summary>End what runs, now: abort the stream, kill the processes. <paramref name="Open"/> is null when nothing runs that could be told.</summary>
    public sealed record Halt(OpenEffect? Open) : TaskAction;

    public sealed record AskApproval(int Number) : TaskAction;

    public sealed record Conclude(TaskOutcome Outcome, FailureCode? Failure, string Message) : TaskAction;

    public sealed record CloseSandbox : TaskAction;

    public sealed record PushBranch(string Branch) : TaskAction;

    public sealed record Deliver : TaskAction;

    public sealed record Finish : TaskAction;
}
