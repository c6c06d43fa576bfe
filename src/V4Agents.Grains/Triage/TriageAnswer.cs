using V4Agents.Core.Blobs;
using V4Agents.Core.Budgets;
using V4Agents.Core.Conversations;

namespace V4Agents.Grains.Triage;

/// <summary>Either a stored reply or a failure.</summary>
public sealed record TriageAnswer(
    BlobId? Reply, FinishReason Finish, Usage Usage, string ServedModel, ModelFailure? Failure, string? Message, TimeSpan? RetryAfter,
    bool MayBeBilled = false);
