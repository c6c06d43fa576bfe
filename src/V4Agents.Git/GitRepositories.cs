using LibGit2Sharp;
using V4Agents.Core.Repositories;
using V4Agents.Core.Sandboxing;
using V4Agents.Core.Tasks;
using V4Agents.Git.Mirrors;
using V4Agents.Git.Patches;
using V4Agents.Git.Pushes;
using V4Agents.Git.Trees;

namespace V4Agents.Git;

/// <summary>
/// <see cref="IRepositories"/> over bare mirrors. The git program lists and fetches, because it knows the user's keys and helpers, and
/// pushes to remotes, packs, and writes and applies diffs, which the library cannot; all of it on addresses and on our own mirrors only.
/// Everything else is done by the library in this process. The calls into it block, so they leave the caller's thread: a grain's turn must not wait.
/// </summary>
internal sealed class GitRepositories(MirrorStore mirrors, MirrorUpdate updates, Remotes remotes, PatchDiff diff, BranchPush pushes) : IRepositories
{
    public async Task<RepositoryOutcome.Refused?> ProbeAsync(string address, string? reference, CancellationToken cancellationToken)
    {
        var (place, refused) = Locate(address);
        if (place is null)
        {
            return refused;
        }

        if (place.IsLocal)
        {
            return reference is null || RefName.IsUsable(reference)
                ? await Task.Run(() => LocalRepository.Resolve(place, reference ?? "HEAD").Refused, cancellationToken)
                : new(FailureCode.RefNotFound, RefName.NotFound(place.Display, reference, []));
        }

        var (refs, unreachable) = await remotes.ListAsync(place, cancellationToken);
        return refs is null ? unreachable : RefCheck.Explain(place, refs, reference);
    }

    public async Task<RepositoryOutcome> PrepareAsync(string address, string? reference, CancellationToken cancellationToken)
    {
        var (place, refused) = Locate(address);
        return place is null
            ? refused! // Exactly one of the two is there.
            : await Task.Run(() => updates.PrepareAsync(place, reference, cancellationToken), cancellationToken);
    }

    public Task<bool> HasAsync(RepositoryId repository, string commit, CancellationToken cancellationToken) =>
        Task.Run(() => mirrors.Holds(repository, commit), cancellationToken);

    public Task<IReadOnlyList<RepositoryFile>> ListAsync(RepositoryId repository, string commit, CancellationToken cancellationToken) =>
        Task.Run<IReadOnlyList<RepositoryFile>>(
            () =>
            {
                using var mirror = mirrors.Open(repository);
                var objects = mirror.ObjectDatabase;
                return TreeWalk.Of(mirrors.Commit(mirror, commit).Tree)
                    .Where(entry => entry.Mode is not (Mode.Directory or Mode.GitLink))
                    .OrderBy(entry => entry.Path, StringComparer.Ordinal)
                    .Select(entry => new RepositoryFile(entry.Path, KindOf(entry.Mode), entry.Id.Sha, objects.RetrieveObjectMetadata(entry.Id).Size))
                    .ToList();
            },
            cancellationToken);

    public Task<IReadOnlyList<ReadOnlyMemory<byte>>> ReadAsync(
        RepositoryId repository, IReadOnlyList<string> blobs, CancellationToken cancellationToken) =>
        Task.Run<IReadOnlyList<ReadOnlyMemory<byte>>>(
            () =>
            {
                using var mirror = mirrors.Open(repository);
                var contents = new List<ReadOnlyMemory<byte>>(blobs.Count);
                foreach (var id in blobs)
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    var blob = mirror.Lookup<Blob>(id) ?? throw new RepositoryException($"The mirror does not hold blob {id}.", isTransient: false);
                    var content = new byte[blob.Size];
                    using var stream = blob.GetContentStream();
                    stream.ReadExactly(content);
                    contents.Add(content);
                }

                return contents;
            },
            cancellationToken);

    public Task WriteTarAsync(RepositoryId repository, string commit, Stream destination, CancellationToken cancellationToken) =>
        Task.Run(
            async () =>
            {
                using var mirror = mirrors.Open(repository);
                await TarExport.WriteAsync(mirror, mirrors.Commit(mirror, commit), destination, cancellationToken);
            },
            cancellationToken);

    public Task<PatchOutcome> BuildPatchAsync(
        RepositoryId repository, string commit, WorkspaceSnapshot snapshot, PatchLimits limits, CancellationToken cancellationToken) =>
        Task.Run(
            async () =>
            {
                using var mirror = mirrors.Open(repository);
                var @base = mirrors.Commit(mirror, commit).Tree;
                var (tree, reason) = PatchedTree.Build(mirror, @base, snapshot, limits);
                return tree is null ? new PatchOutcome.Refused(reason!) // Exactly one of the two is there.
                    : tree == @base.Id ? new PatchOutcome.Empty()
                    : await diff.WriteAsync(mirrors.PathOf(repository), @base.Sha, tree.Sha, limits, cancellationToken);
            },
            cancellationToken);

    public async Task<PushOutcome> PushAsync(PushRequest request, CancellationToken cancellationToken)
    {
        if (BranchName.Problem(request.Branch) is { } problem)
        {
            return new PushOutcome.Refused(problem);
        }

        var (place, refused) = Locate(request.Address);
        return place is null
            ? new PushOutcome.Refused(refused!.Message) // Exactly one of the two is there.
            : await Task.Run(() => pushes.RunAsync(place, request, cancellationToken), cancellationToken);
    }

    private static (RepositoryAddress? Place, RepositoryOutcome.Refused? Refused) Locate(string address)
    {
        var parsed = RepositoryAddress.Parse(address, out var problem);
        return parsed is null ? (null, new(FailureCode.RepositoryNotFound, problem))
            : parsed.IsLocal ? LocalRepository.Discover(parsed)
            : (parsed, null);
    }

    private static WorkspaceEntry KindOf(Mode mode) => mode switch
    {
        Mode.ExecutableFile => WorkspaceEntry.Executable,
        Mode.SymbolicLink => WorkspaceEntry.Symlink,
        _ => WorkspaceEntry.File,
    };
}
