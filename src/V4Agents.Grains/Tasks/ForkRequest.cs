using V4Agents.Core.Blobs;
using V4Agents.Core.Budgets;
using V4Agents.Core.Tasks;

namespace V4Agents.Grains.Tasks;

/// <param name="UpTo">The last event of the source that the fork takes over.</param>
/// <param name="Message">A stored user message that the fork's model is told, and its first words; null for none.</param>
/// <param name="RequestHash">The same idempotency key with another hash is a conflict.</param>
public sealed record ForkRequest(TaskId Source, long UpTo, int Step, Budget Budget, BlobId? Message, string? Text, string RequestHash);
