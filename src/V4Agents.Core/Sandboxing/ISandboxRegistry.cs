using V4Agents.Core.Tasks;

namespace V4Agents.Core.Sandboxing;

/// <summary>The rows written before a container is created, so that no container is ever unknown.</summary>
public interface ISandboxRegistry
{
    /// <summary>The id of this database, given to every container as a label; made once when the database is.</summary>
    Task<string> InstanceAsync(CancellationToken cancellationToken);

    Task RegisterAsync(SandboxId sandbox, TaskId task, CancellationToken cancellationToken);

    Task ReleaseAsync(SandboxId sandbox, CancellationToken cancellationToken);

    /// <summary>Registered and not yet released.</summary>
    Task<IReadOnlyList<SandboxId>> ListAsync(CancellationToken cancellationToken);
}
