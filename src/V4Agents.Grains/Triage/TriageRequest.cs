using V4Agents.Core.Blobs;

namespace V4Agents.Grains.Triage;

/// <param name="Messages">The prompt, as stored messages: text does not travel through grain calls.</param>
/// <param name="Key">The call's name, under which its answer is kept until it is recorded.</param>
public sealed record TriageRequest(IReadOnlyList<BlobId> Messages, int MaxTokens, string? Key);
