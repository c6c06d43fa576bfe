using V4Agents.Core.Blobs;
using V4Agents.Core.Budgets;
using V4Agents.Core.Conversations;
using V4Agents.Core.Journal;
using V4Agents.Core.Repositories;
using V4Agents.Core.Sandboxing;
using V4Agents.Core.Tools;
using V4Agents.Core.Verification;

namespace V4Agents.Core.Tasks;

/// <summary>A committed fact about a task. Small: anything large is the id of a blob.</summary>
public abstract record TaskEvent
{
    private TaskEvent() { }

    /// <summary>When the fact was recorded, UTC.</summary>
    public abstract DateTimeOffset At { get; init; }

    [Stored("submitted", version: 1)]
    public sealed record Submitted(TaskId Task, TaskSubmission Submission, DateTimeOffset At) : TaskEvent;

    [Stored("repository.prepared", version: 1)]
    public sealed record RepositoryPrepared(PreparedRepository Repository, DateTimeOffset At) : TaskEvent;

    [Stored("verification.started", version: 1)]
    public sealed record VerificationStarted(VerificationKind Kind, int Number, DateTimeOffset At) : TaskEvent;

    /// <param name="Result">The <see cref="VerificationResult"/> as JSON.</param>
    /// <param name="Reply">The tool message that tells the model the verdict; null for a baseline and for a tree taken without <c>submit</c>.</param>
    [Stored("verification.completed", version: 1)]
    public sealed record VerificationCompleted(
        VerificationKind Kind, int Number, bool Passed, int ChecksPassed, int Checks, string? Problem, bool CommandMissing, BlobId Result, BlobId? Reply,
        DateTimeOffset At) : TaskEvent;

    /// <param name="Prompt">Hash chain over tools and messages: equal chains mean byte-equal prompts.</param>
    /// <param name="Body">SHA-256 of the request body that is sent, in lower-case hexadecimal; null in version 1, which did not record it.</param>
    /// <param name="ReservedUsd">The most this call can cost, when the price book knows the model.</param>
    [Stored("model_call.started", version: 2)]
    public sealed record ModelCallStarted(
        CallId Call, ModelRole Role, string Model, string Effort, int MaxTokens, int Messages, string Prompt, string? Body, decimal ReservedUsd,
        DateTimeOffset At) : TaskEvent;

    /// <param name="Reply">The assistant message, as it is replayed.</param>
    /// <param name="CostUsd">Null when the price book has no price for the model.</param>
    [Stored("model_call.completed", version: 1)]
    public sealed record ModelCallCompleted(
        CallId Call, ModelRole Role, BlobId Reply, FinishReason Finish, string ServedModel, Usage Usage, decimal? CostUsd, string? PriceBook,
        string? TariffWindow, IReadOnlyList<ToolCallRef> ToolCalls, DateTimeOffset At) : TaskEvent;

    /// <param name="RetryAt">When the next attempt may start.</param>
    [Stored("model_call.failed", version: 1)]
    public sealed record ModelCallFailed(CallId Call, ModelRole Role, ModelFailure Kind, string Message, DateTimeOffset RetryAt, DateTimeOffset At)
        : TaskEvent;

    /// <summary>The service stopped, or the call was aborted, before its end was recorded; the server may have billed it.</summary>
    [Stored("model_call.interrupted", version: 1)]
    public sealed record ModelCallInterrupted(CallId Call, ModelRole Role, decimal UnconfirmedUsd, DateTimeOffset At) : TaskEvent;

    /// <param name="Brief">What triage says, or null when it could not be had: a task goes on without it.</param>
    [Stored("triage.recorded", version: 1)]
    public sealed record TriageRecorded(BlobId? Brief, DateTimeOffset At) : TaskEvent;

    [Stored("sandbox.opened", version: 1)]
    public sealed record SandboxOpened(SandboxId Sandbox, string Tree, DateTimeOffset At) : TaskEvent;

    [Stored("conversation.opened", version: 1)]
    public sealed record ConversationOpened(IReadOnlyList<BlobId> Messages, BlobId Tools, DateTimeOffset At) : TaskEvent;

    [Stored("tool_call.started", version: 1)]
    public sealed record ToolCallStarted(ToolCallId Call, string Name, string Preview, DateTimeOffset At) : TaskEvent;

    /// <param name="Reply">The tool message, as the model sees it.</param>
    /// <param name="Output">The whole stored output.</param>
    [Stored("tool_call.completed", version: 1)]
    public sealed record ToolCallCompleted(
        ToolCallId Call, string Name, int ExitCode, bool TimedOut, long OutputBytes, double Seconds, BlobId Reply, BlobId? Output, DateTimeOffset At)
        : TaskEvent;

    /// <summary>The sandbox died during the call. The work tree is put back to the last checkpoint before the call is run again, or given up.</summary>
    /// <param name="Run">Which run of the call broke off; the first is 1.</param>
    [Stored("tool_call.interrupted", version: 1)]
    public sealed record ToolCallInterrupted(ToolCallId Call, int Run, DateTimeOffset At) : TaskEvent;

    /// <summary>The work tree as it stands after the last tool call is saved: a thin bundle since the checkpoint before.</summary>
    [Stored("workspace.checkpointed", version: 1)]
    public sealed record WorkspaceCheckpointed(string Tree, string Commit, BlobId Bundle, long BundleBytes, DateTimeOffset At) : TaskEvent;

    /// <summary>The work tree could not be saved; the next changing call tries again. Until then a lost sandbox goes back to the checkpoint before.</summary>
    [Stored("workspace.unsaved", version: 1)]
    public sealed record WorkspaceUnsaved(string Reason, DateTimeOffset At) : TaskEvent;

    /// <summary>The container is gone, with everything in it that no checkpoint holds.</summary>
    [Stored("sandbox.lost", version: 1)]
    public sealed record SandboxLost(SandboxId Sandbox, string Reason, DateTimeOffset At) : TaskEvent;

    /// <summary>The work tree is at the last checkpoint again, in the same container or in a new one.</summary>
    /// <param name="Rebuilt">The container is a new one: processes and every file outside the work tree are gone.</param>
    /// <param name="Notice">What the model is told with its next tool result.</param>
    [Stored("sandbox.restored", version: 1)]
    public sealed record SandboxRestored(SandboxId Sandbox, string Tree, bool Rebuilt, string Notice, DateTimeOffset At) : TaskEvent;

    /// <summary>A message from the service to the model: the reply had no tool call, was cut, or was empty.</summary>
    [Stored("model.nudged", version: 1)]
    public sealed record Nudged(string Reason, BlobId Message, DateTimeOffset At) : TaskEvent;

    /// <param name="Patch">Null when the work tree equals the commit.</param>
    /// <param name="Refused">Why the work tree cannot become a patch.</param>
    [Stored("patch.captured", version: 1)]
    public sealed record PatchCaptured(PatchSummary? Patch, string? Refused, DateTimeOffset At) : TaskEvent;

    /// <summary>An effect broke on infrastructure (engine, disk, mirror); it is tried again, or reconciled, at <paramref name="RetryAt"/>.</summary>
    [Stored("effect.failed", version: 1)]
    public sealed record EffectFailed(string Effect, FailureCode Code, string Message, bool IsTransient, DateTimeOffset RetryAt, DateTimeOffset At)
        : TaskEvent;

    /// <summary>A live activation took the task over from one that stopped or died. Committing this fences every earlier one.</summary>
    /// <param name="Epoch">1 for the activation that took the submission, then counting.</param>
    /// <param name="Silo">Where the task runs now.</param>
    [Stored("task.adopted", version: 1)]
    public sealed record Adopted(int Epoch, string Silo, DateTimeOffset At) : TaskEvent;

    /// <summary>No new effect is begun until the task is resumed; one that runs is brought to its end.</summary>
    [Stored("task.paused", version: 1)]
    public sealed record Paused(string Reason, DateTimeOffset At) : TaskEvent;

    [Stored("task.resumed", version: 1)]
    public sealed record Resumed(DateTimeOffset At) : TaskEvent;

    /// <summary>A person steers: the model sees the message at the next boundary between its replies.</summary>
    /// <param name="Text">The first words, for people who follow the task.</param>
    [Stored("message.said", version: 1)]
    public sealed record Said(BlobId Message, string Text, DateTimeOffset At) : TaskEvent;

    /// <summary>The verified patch waits for a person.</summary>
    [Stored("approval.requested", version: 1)]
    public sealed record ApprovalRequested(int Number, string Reason, DateTimeOffset ExpiresAt, DateTimeOffset At) : TaskEvent;

    /// <param name="Message">What the model is told when the answer is no and has a comment; the task then goes on.</param>
    [Stored("approval.answered", version: 1)]
    public sealed record ApprovalAnswered(int Number, bool Approved, string? Comment, BlobId? Message, DateTimeOffset At) : TaskEvent;

    /// <summary>The wall clock jumped against the machine's own count of time (set by hand, machine asleep); the jump does not count as wall time.</summary>
    [Stored("clock.adjusted", version: 1)]
    public sealed record ClockAdjusted(double Seconds, DateTimeOffset At) : TaskEvent;

    /// <summary>Everything after this is a task of its own: the events before are its source's, up to a step.</summary>
    /// <param name="SourceSeq">The last event taken over.</param>
    /// <param name="Message">What the fork is told that its source was not.</param>
    [Stored("task.forked", version: 1)]
    public sealed record Forked(
        TaskId Task, TaskId Source, long SourceSeq, int Step, Budget Budget, string RequestHash, BlobId? Message, string? Text, DateTimeOffset At) : TaskEvent;

    [Stored("cancel.requested", version: 1)]
    public sealed record CancelRequested(string Reason, DateTimeOffset At) : TaskEvent;

    /// <summary>The receipt of a stop: what ran is over, and nothing is spent any more.</summary>
    /// <param name="Effect">What was running: <c>model call</c>, <c>tool call</c>, <c>verification</c> or <c>nothing</c>.</param>
    /// <param name="Processes">Processes that were killed in the sandbox.</param>
    /// <param name="Seconds">From the request to stop until this was known.</param>
    [Stored("task.halted", version: 1)]
    public sealed record Halted(string Effect, int Processes, double Seconds, DateTimeOffset At) : TaskEvent;

    /// <summary>The outcome is known; what follows is clearing up and delivery.</summary>
    [Stored("concluded", version: 1)]
    public sealed record Concluded(TaskOutcome Outcome, FailureCode? Failure, string Message, DateTimeOffset At) : TaskEvent;

    [Stored("sandbox.closed", version: 1)]
    public sealed record SandboxClosed(SandboxId Sandbox, DateTimeOffset At) : TaskEvent;

    [Stored("delivery.started", version: 1)]
    public sealed record DeliveryStarted(DateTimeOffset At) : TaskEvent;

    [Stored("delivery.completed", version: 1)]
    public sealed record DeliveryCompleted(BlobId? Patch, BlobId Report, BlobId Receipt, DateTimeOffset At) : TaskEvent;

    /// <summary>The intent to push: a branch of that name with that tree and parent is ours.</summary>
    [Stored("branch_push.started", version: 1)]
    public sealed record BranchPushStarted(string Branch, DateTimeOffset At) : TaskEvent;

    /// <param name="Commit">Null when the push was refused, for the reason in <paramref name="Refused"/>.</param>
    /// <param name="AlreadyThere">An earlier try, whose end was not recorded, had pushed it.</param>
    [Stored("branch_push.completed", version: 1)]
    public sealed record BranchPushCompleted(string Branch, string? Commit, bool AlreadyThere, string? Refused, DateTimeOffset At) : TaskEvent;

    [Stored("finished", version: 1)]
    public sealed record Finished(DateTimeOffset At) : TaskEvent;
}
