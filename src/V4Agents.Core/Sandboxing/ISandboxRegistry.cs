using V4Agents.Core.Blobs;
using V4Agents.Core.Tasks;

namespace V4Agents.Core.Sandboxing;

/// <summary>The rows written before a container is created, so that no container is ever unknown.</summary>
public interface ISandboxRegistry
{
    /// <summary>The id of this database, given to every container as a label; made once when the database is.</summary>
    Task<string> InstanceAsync(CancellationToken cancellationToken);

    /// <summary>Writes the row with a fresh lease. A row of the same sandbox on another engine is taken over: that engine's sweep removes its container.</summary>
    Task RegisterAsync(SandboxId sandbox, TaskId task, string engine, CancellationToken cancellationToken);

    /// <summary>Renews the leases of everything registered on the engine.</summary>
    Task RenewAsync(string engine, CancellationToken cancellationToken);

    Task ReleaseAsync(SandboxId sandbox, CancellationToken cancellationToken);

    /// <summary>The same, unless the sandbox is registered on another engine by now.</summary>
    Task ReleaseAsync(SandboxId sandbox, string engine, CancellationToken cancellationToken);

    /// <summary>Releases the row as it was read; one that was registered again since is left.</summary>
    Task ReleaseAsync(SandboxRow row, CancellationToken cancellationToken);

    /// <summary>Registered and not yet released, on any engine.</summary>
    Task<IReadOnlyList<SandboxRow>> ListAsync(CancellationToken cancellationToken);

    /// <summary>Keeps what a container that nobody owned held when it was removed: a bundle of its work tree since the task's last checkpoint.</summary>
    Task KeepOrphanAsync(SandboxId sandbox, TaskId task, string tree, BlobId bundle, CancellationToken cancellationToken);
}
