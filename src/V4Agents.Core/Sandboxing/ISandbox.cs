namespace V4Agents.Core.Sandboxing;

/// <summary>A connection to one container. Disposing it closes the connection; the container lives on.</summary>
public interface ISandbox : IAsyncDisposable
{
    SandboxId Id { get; }

    /// <summary>Fills the work tree from a tar stream and remembers it as the base of later snapshots. Doing it again after success does nothing.</summary>
    /// <returns>The git tree id of the seeded work tree.</returns>
    Task<string> SeedAsync(Func<Stream, CancellationToken, Task> writeTar, CancellationToken cancellationToken);

    /// <summary>Runs a call, attaches to it when it is running, or returns its stored result when it has finished.</summary>
    /// <exception cref="SandboxException">The sandbox is gone or does not answer.</exception>
    Task<CallResult> RunAsync(SandboxCall call, CancellationToken cancellationToken);

    /// <summary>Writes a file the runner owns, outside the work tree, and returns its path in the sandbox.</summary>
    Task<string> PutFileAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken);

    /// <summary>The work tree against its seeded state; ignored files that were not seeded are left out.</summary>
    Task<WorkspaceSnapshot> SnapshotAsync(CancellationToken cancellationToken);
}
