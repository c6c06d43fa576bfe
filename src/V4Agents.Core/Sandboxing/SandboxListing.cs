using V4Agents.Core.Tasks;

namespace V4Agents.Core.Sandboxing;

/// <summary>A container found on the engine by its labels.</summary>
/// <param name="Container">The engine's own id of it: a later container of the same name has another.</param>
public sealed record SandboxListing(SandboxId Id, TaskId Task, bool Running, DateTimeOffset CreatedAt, string Container)
{
    /// <summary>The engine's name for itself when the container was made; empty when it was not noted.</summary>
    public string Engine { get; init; } = "";
}
