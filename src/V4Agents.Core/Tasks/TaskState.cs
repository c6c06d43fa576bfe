using System.Collections.Immutable;
using V4Agents.Core.Blobs;
using V4Agents.Core.Budgets;
using V4Agents.Core.Repositories;
using V4Agents.Core.Sandboxing;
using V4Agents.Core.Tools;

namespace V4Agents.Core.Tasks;

/// <summary>A task as its events tell it. Nothing here is known that a replay would not find again.</summary>
public sealed partial record TaskState
{
    public static readonly TaskState Empty = new();

    /// <summary>The number of events folded in: the sequence number of the last one.</summary>
    public long Seq { get; init; }

    public TaskId Id { get; init; }

    public TaskSubmission? Submission { get; init; }

    public DateTimeOffset SubmittedAt { get; init; }

    public DateTimeOffset UpdatedAt { get; init; }

    public PreparedRepository? Repository { get; init; }

    /// <summary>Activations so far that took the task; the first is 1.</summary>
    public int Epoch { get; init; } = 1;

    /// <summary>Set for a fork.</summary>
    public Origin? Origin { get; init; }

    public OpenEffect? Open { get; init; }

    public VerificationMark? Baseline { get; init; }

    public bool Triaged { get; init; }

    public BlobId? Brief { get; init; }

    public SandboxId? Sandbox { get; init; }

    public bool SandboxClosed { get; init; }

    /// <summary>The tree the sandbox was seeded with.</summary>
    public string? SeedTree { get; init; }

    /// <summary>Every saved state of the work tree since the seed, oldest first.</summary>
    public ImmutableList<CheckpointRef> Checkpoints { get; init; } = [];

    /// <summary>Why the work tree as it stands is not saved; null when it is.</summary>
    public string? Unsaved { get; init; }

    /// <summary>The work tree must be put back to the last checkpoint before anything else touches it.</summary>
    public bool RestoreDue { get; init; }

    /// <summary>What the model must be told about a restored sandbox with its next tool result.</summary>
    public string? Notice { get; init; }

    /// <summary>The conversation so far: the prompt of the next call.</summary>
    public ImmutableList<BlobId> Messages { get; init; } = [];

    public BlobId? Tools { get; init; }

    /// <summary>Hash chain over tools and messages, extended by every message.</summary>
    public string Prompt { get; init; } = "";

    /// <summary>Completed solver calls.</summary>
    public int Step { get; init; }

    /// <summary>Attempts begun at the next call.</summary>
    public int Attempts { get; init; }

    /// <summary>The last assistant message: it holds the arguments of <see cref="Pending"/>.</summary>
    public BlobId? Reply { get; init; }

    /// <summary>Calls of the last reply that are not answered yet, in order.</summary>
    public ImmutableList<ToolCallRef> Pending { get; init; } = [];

    /// <summary>Runs of the first pending call that a dying sandbox broke off.</summary>
    public int BrokenRuns { get; init; }

    /// <summary>What people said and the model could not be told yet, because a reply of its own or a tool result is due first.</summary>
    public ImmutableList<BlobId> Unheard { get; init; } = [];

    /// <summary>The conversation ends with something a person said: the model must answer before the task may end.</summary>
    public bool Unanswered { get; init; }

    public Spend Spend { get; init; } = Spend.None;

    /// <summary>A model call of this task has succeeded, so the endpoint and the key are good.</summary>
    public bool EndpointProved { get; init; }

    /// <summary>Why the model must be reminded before it is called again.</summary>
    public NudgeReason? NudgeDue { get; init; }

    /// <summary>Replies in a row that did not call a tool.</summary>
    public int Idle { get; init; }

    public bool PatchKnown { get; init; }

    public PatchSummary? Patch { get; init; }

    public string? PatchRefused { get; init; }

    public int Verifications { get; init; }

    public int GateRuns { get; init; }

    public VerificationMark? Gate { get; init; }

    /// <summary>The step whose work tree the last gate ran on: what a later reply asks for is yet to be done.</summary>
    public int GateStep { get; init; }

    /// <summary>The last gate ran on the work tree as it stands: no tool has run since.</summary>
    public bool GateIsCurrent { get; init; }

    /// <summary>Failures since the last success, of effects and model calls alike.</summary>
    public EffectFault? Fault { get; init; }

    public DateTimeOffset NotBefore { get; init; }

    public string? CancelReason { get; init; }

    public DateTimeOffset CancelledAt { get; init; }

    /// <summary>What ran when the task was stopped is over.</summary>
    public bool Halted { get; init; }

    /// <summary>Since when the task is paused; null when it is not.</summary>
    public DateTimeOffset? PausedAt { get; init; }

    /// <summary>The question the task waits with, and since when.</summary>
    public ApprovalWait? Approval { get; init; }

    public DateTimeOffset ApprovalSince { get; init; }

    public int Approvals { get; init; }

    /// <summary>The patch of the last gate was approved.</summary>
    public bool Approved { get; init; }

    /// <summary>A person said no, and not what to change: the task ends with this.</summary>
    public string? Declined { get; init; }

    /// <summary>Time since submission that is no wall time: paused, waiting for a person, the clock set forward.</summary>
    public TimeSpan Idled { get; init; }

    public Conclusion? Conclusion { get; init; }

    public Delivered? Delivered { get; init; }

    /// <summary>The commit that was pushed.</summary>
    public string? PushedCommit { get; init; }

    /// <summary>Why the branch could not be pushed.</summary>
    public string? PushRefused { get; init; }

    public bool Finished { get; init; }

    /// <summary>Wall time used: what was spent paused or waiting for a person does not count.</summary>
    public TimeSpan Elapsed(DateTimeOffset now)
    {
        var waiting = PausedAt is { } paused ? now - paused : Approval is not null ? now - ApprovalSince : TimeSpan.Zero;
        return now - SubmittedAt - Idled - (waiting > TimeSpan.Zero ? waiting : TimeSpan.Zero);
    }

    /// <summary>When the wall time is used up, if nothing pauses it before.</summary>
    public DateTimeOffset Deadline => SubmittedAt + Submission!.Budget.WallTime + Idled;
}
