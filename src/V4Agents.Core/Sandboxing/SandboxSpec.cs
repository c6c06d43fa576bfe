using V4Agents.Core.Tasks;

namespace V4Agents.Core.Sandboxing;

/// <param name="Instance">The service instance (one per database) whose sweep may remove this sandbox.</param>
/// <param name="Lifetime">The container ends itself this long after its start, whatever became of the service.</param>
public sealed record SandboxSpec(SandboxId Id, TaskId Task, string Instance, TimeSpan Lifetime);
