namespace V4Agents.Core.Sandboxing;

/// <summary>The container engine.</summary>
public interface ISandboxes
{
    /// <summary>Null when sandboxes can be made, else what is wrong and what to do, for a person.</summary>
    Task<string?> ProbeAsync(CancellationToken cancellationToken);

    /// <summary>The engine's own name for itself: sandboxes on another engine cannot be reached from here.</summary>
    Task<string> EngineAsync(CancellationToken cancellationToken);

    /// <summary>Creates and starts the container, or attaches to it when it exists (starting it again when it stopped).</summary>
    /// <exception cref="SandboxException">The engine refuses or does not answer.</exception>
    Task<ISandbox> OpenAsync(SandboxSpec spec, CancellationToken cancellationToken);

    /// <summary>Attaches to an existing container; null when there is none, or only what is left of one. Never creates one.</summary>
    Task<ISandbox?> AttachAsync(SandboxId id, CancellationToken cancellationToken);

    /// <summary>Kills and removes the container with its volumes. Removing what is gone is success.</summary>
    Task RemoveAsync(SandboxId id, CancellationToken cancellationToken);

    /// <summary>The same for exactly the container that was found: one that has been made since under its name stays.</summary>
    Task RemoveAsync(SandboxListing found, CancellationToken cancellationToken);

    /// <summary>Every container of one service instance, in any state.</summary>
    Task<IReadOnlyList<SandboxListing>> ListAsync(string instance, CancellationToken cancellationToken);

    /// <summary>Removes the volumes and networks of one service instance that no container uses, and says how many those were.</summary>
    Task<int> RemoveUnusedAsync(string instance, CancellationToken cancellationToken);
}
