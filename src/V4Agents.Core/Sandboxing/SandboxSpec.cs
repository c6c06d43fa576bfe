using V4Agents.Core.Tasks;

namespace V4Agents.Core.Sandboxing;

/// <param name="Instance">The service instance (one per database) whose sweep may remove this sandbox.</param>
/// <param name="Lifetime">The container ends itself this long after its start, whatever became of the service.</param>
public sealed record SandboxSpec(SandboxId Id, TaskId Task, string Instance, TimeSpan Lifetime)
{
    /// <summary>The engine as it names itself when the sandbox is made: a container keeps it, so that an engine that is renamed still knows its own.</summary>
    public string Engine { get; init; } = "";
}
