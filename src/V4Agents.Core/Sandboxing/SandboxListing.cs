using V4Agents.Core.Tasks;

namespace V4Agents.Core.Sandboxing;

/// <summary>A container found on the engine by its labels.</summary>
public sealed record SandboxListing(SandboxId Id, TaskId Task, bool Running, DateTimeOffset CreatedAt);
