namespace V4Agents.Core.Sandboxing;

/// <summary>A connection to one container. Disposing it closes the connection; the container lives on.</summary>
public interface ISandbox : IAsyncDisposable
{
    SandboxId Id { get; }

    /// <summary>Fills the work tree from a tar stream and remembers it as the base of later snapshots. Doing it again after success does nothing.</summary>
    /// <returns>The git tree id of the seeded work tree.</returns>
    Task<string> SeedAsync(Func<Stream, CancellationToken, Task> writeTar, CancellationToken cancellationToken);

    /// <summary>Runs a call, attaches to it when it is running, or returns its stored result when it has finished.</summary>
    /// <param name="progress">Hears of output while it comes, also after attaching to a call that an earlier connection started; null for no interest.</param>
    /// <exception cref="SandboxException">The sandbox is gone or does not answer.</exception>
    Task<CallResult> RunAsync(SandboxCall call, IProgress<CallProgress>? progress, CancellationToken cancellationToken);

    /// <summary>Kills every running call and everything else that runs in the sandbox but its runner. A stopped call's result says that it was killed.</summary>
    Task<StoppedCalls> StopAsync(CancellationToken cancellationToken);

    /// <summary>Writes a file the runner owns, outside the work tree, and returns its path in the sandbox.</summary>
    Task<string> PutFileAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken);

    /// <summary>The work tree against its seeded state; ignored files that were not seeded are left out.</summary>
    Task<WorkspaceSnapshot> SnapshotAsync(CancellationToken cancellationToken);

    /// <summary>Saves the work tree as it stands.</summary>
    /// <param name="since">The commit of the last checkpoint; null for the seeded tree.</param>
    /// <exception cref="SandboxException">A refusal when the tree cannot be saved (disk full, too large): nothing was lost, and the sandbox goes on.</exception>
    Task<WorkspaceCheckpoint> CheckpointAsync(string? since, CancellationToken cancellationToken);

    /// <summary>
    /// Brings the work tree to the last checkpoint of the chain: changed files are put back, files it does not know are removed, ignored files stay.
    /// What the sandbox has already is not sent again. An empty chain is the seeded tree.
    /// </summary>
    /// <param name="chain">Every checkpoint since the seed, oldest first; the bundles may be left empty.</param>
    /// <param name="readBundle">Reads the bundle of the checkpoint at an index of the chain.</param>
    /// <exception cref="SandboxException">The tree that came out is not the one the chain names.</exception>
    Task RestoreAsync(
        IReadOnlyList<WorkspaceCheckpoint> chain, Func<int, CancellationToken, Task<ReadOnlyMemory<byte>>> readBundle, CancellationToken cancellationToken);
}
