using V4Agents.Core.Tasks;

namespace V4Agents.Core.Sandboxing;

/// <summary>A registered sandbox that was not released yet.</summary>
/// <param name="Engine">The container engine that holds it, as <see cref="ISandboxes.EngineAsync"/> names it.</param>
/// <param name="LeaseUntil">The service on that engine renews it; after this nobody looks after the container there.</param>
public sealed record SandboxRow(SandboxId Sandbox, TaskId Task, string Engine, DateTimeOffset RegisteredAt, DateTimeOffset LeaseUntil);
