using V4Agents.Core.Blobs;

namespace V4Agents.Grains.Triage;

/// <param name="Messages">The prompt, as stored messages: text does not travel through grain calls.</param>
public sealed record TriageRequest(IReadOnlyList<BlobId> Messages, int MaxTokens);
