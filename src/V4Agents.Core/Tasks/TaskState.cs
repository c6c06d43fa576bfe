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

    public OpenEffect? Open { get; init; }

    public VerificationMark? Baseline { get; init; }

    public bool Triaged { get; init; }

    public BlobId? Brief { get; init; }

    public SandboxId? Sandbox { get; init; }

    public bool SandboxClosed { get; init; }

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

    /// <summary>The last gate ran on the work tree as it stands: no tool has run since.</summary>
    public bool GateIsCurrent { get; init; }

    /// <summary>Failures since the last success, of effects and model calls alike.</summary>
    public EffectFault? Fault { get; init; }

    public DateTimeOffset NotBefore { get; init; }

    public string? CancelReason { get; init; }

    public Conclusion? Conclusion { get; init; }

    public Delivered? Delivered { get; init; }

    public bool Finished { get; init; }
}
