using V4Agents.Core.Sandboxing;

namespace V4Agents.Core.Repositories;

/// <summary>Local bare mirrors of the repositories that tasks work on. No method touches a work tree.</summary>
/// <remarks>
/// What is wrong with the address, the ref or the network comes back as a value. A mirror that is gone or damaged, a full disk or a
/// missing git program is a <see cref="RepositoryException"/>.
/// </remarks>
public interface IRepositories
{
    /// <summary>Whether the address and ref can be used, without mirroring: local paths are opened, remote ones listed.</summary>
    /// <returns>Null when they can, else why not.</returns>
    Task<RepositoryOutcome.Refused?> ProbeAsync(string address, string? reference, CancellationToken cancellationToken);

    /// <summary>Brings the mirror up to date and resolves the ref to a commit.</summary>
    Task<RepositoryOutcome> PrepareAsync(string address, string? reference, CancellationToken cancellationToken);

    /// <summary>Whether the mirror of this machine holds the commit.</summary>
    Task<bool> HasAsync(RepositoryId repository, string commit, CancellationToken cancellationToken);

    /// <summary>All files at a commit, sorted by path in ordinal order; submodules are left out.</summary>
    Task<IReadOnlyList<RepositoryFile>> ListAsync(RepositoryId repository, string commit, CancellationToken cancellationToken);

    /// <summary>The raw bytes of blobs, in the order asked for.</summary>
    Task<IReadOnlyList<ReadOnlyMemory<byte>>> ReadAsync(RepositoryId repository, IReadOnlyList<string> blobs, CancellationToken cancellationToken);

    /// <summary>Writes the tree at a commit as a PAX tar with raw bytes, modes and symbolic links.</summary>
    Task WriteTarAsync(RepositoryId repository, string commit, Stream destination, CancellationToken cancellationToken);

    /// <summary>Validates what a sandbox says has changed and turns it into a patch against the commit.</summary>
    Task<PatchOutcome> BuildPatchAsync(
        RepositoryId repository, string commit, WorkspaceSnapshot snapshot, PatchLimits limits, CancellationToken cancellationToken);

    /// <summary>
    /// Pushes the patched tree as one commit on a new branch of the repository at the address. The commit is a function of its arguments, so that
    /// pushing again finds it there. An existing branch with another commit is left alone.
    /// </summary>
    /// <exception cref="RepositoryException">The mirror or the network broke; pushing again is safe.</exception>
    Task<PushOutcome> PushAsync(PushRequest request, CancellationToken cancellationToken);
}
