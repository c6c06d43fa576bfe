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
    /// <param name="ReservedUsd">The most this call can cost, when the price book knows the model.</param>
    [Stored("model_call.started", version: 1)]
    public sealed record ModelCallStarted(
        CallId Call, ModelRole Role, string Model, string Effort, int MaxTokens, int Messages, string Prompt, decimal ReservedUsd, DateTimeOffset At)
        : TaskEvent;

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

    [Stored("cancel.requested", version: 1)]
    public sealed record CancelRequested(string Reason, DateTimeOffset At) : TaskEvent;

    /// <summary>The outcome is known; what follows is clearing up and delivery.</summary>
    [Stored("concluded", version: 1)]
    public sealed record Concluded(TaskOutcome Outcome, FailureCode? Failure, string Message, DateTimeOffset At) : TaskEvent;

    [Stored("sandbox.closed", version: 1)]
    public sealed record SandboxClosed(SandboxId Sandbox, DateTimeOffset At) : TaskEvent;

    [Stored("delivery.started", version: 1)]
    public sealed record DeliveryStarted(DateTimeOffset At) : TaskEvent;

    [Stored("delivery.completed", version: 1)]
    public sealed record DeliveryCompleted(BlobId? Patch, BlobId Report, BlobId Receipt, DateTimeOffset At) : TaskEvent;

    [Stored("finished", version: 1)]
    public sealed record Finished(DateTimeOffset At) : TaskEvent;
}
