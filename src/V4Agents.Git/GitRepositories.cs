using LibGit2Sharp;
using V4Agents.Core.Repositories;
using V4Agents.Core.Sandboxing;
using V4Agents.Git.Mirrors;
using V4Agents.Git.Patches;
using V4Agents.Git.Trees;

namespace V4Agents.Git;

/// <summary>Bare mirrors: the git program fetches and writes diffs, LibGit2Sharp reads objects and builds trees in this process.</summary>
internal sealed class GitRepositories(MirrorStore store, MirrorUpdate update, PatchDiff diff) : IRepositories
{
    public Task<RepositoryOutcome.Refused?> ProbeAsync(string address, string? reference, CancellationToken cancellationToken) =>
        update.ProbeAsync(address, reference, cancellationToken);

    public Task<RepositoryOutcome> PrepareAsync(string address, string? reference, CancellationToken cancellationToken) =>
        update.PrepareAsync(address, reference, cancellationToken);

    public Task<IReadOnlyList<RepositoryFile>> ListAsync(RepositoryId repository, string commit, CancellationToken cancellationToken)
    {
        using var mirror = store.Open(repository);
        IReadOnlyList<RepositoryFile> files =
        [
            .. TreeFiles.Walk(CommitOf(mirror, commit).Tree)
                .Where(item => item.Entry.TargetType == TreeEntryTargetType.Blob)
                .Select(item => new RepositoryFile(
                    item.Path, TreeFiles.KindOf(item.Entry.Mode), item.Entry.Target.Sha, mirror.ObjectDatabase.RetrieveObjectMetadata(item.Entry.Target.Id).Size))
                .OrderBy(file => file.Path, StringComparer.Ordinal),
        ];
        return Task.FromResult(files);
    }

    public Task<IReadOnlyList<ReadOnlyMemory<byte>>> ReadAsync(RepositoryId repository, IReadOnlyList<string> blobs, CancellationToken cancellationToken)
    {
        using var mirror = store.Open(repository);
        var contents = new List<ReadOnlyMemory<byte>>(blobs.Count);
        foreach (var id in blobs)
        {
            var blob = mirror.Lookup<Blob>(id) ?? throw new RepositoryException($"The mirror does not hold the file {id}.", isTransient: false);
            using var content = new MemoryStream();
            using var source = blob.GetContentStream();
            source.CopyTo(content);
            contents.Add(content.ToArray());
        }

        return Task.FromResult<IReadOnlyList<ReadOnlyMemory<byte>>>(contents);
    }

    public async Task WriteTarAsync(RepositoryId repository, string commit, Stream destination, CancellationToken cancellationToken)
    {
        using var mirror = store.Open(repository);
        await TreeTar.WriteAsync(CommitOf(mirror, commit), destination, cancellationToken);
    }

    public async Task<PatchOutcome> BuildPatchAsync(
        RepositoryId repository, string commit, WorkspaceSnapshot snapshot, PatchLimits limits, CancellationToken cancellationToken)
    {
        if (PatchTree.Problem(snapshot.Changes, limits) is { } problem)
        {
            return new PatchOutcome.Refused(problem);
        }

        using var mirror = store.Open(repository);
        var start = CommitOf(mirror, commit);
        var tree = PatchTree.Build(mirror, start, snapshot.Changes);
        // A sandbox leaves submodules out of its tree; without them both sides must have computed the same.
        if (tree.Sha != snapshot.Tree && !PatchTree.HasSubmodules(start))
        {
            return new PatchOutcome.Refused("the files that were read do not give the tree that the sandbox computed: something was still writing");
        }

        if (tree.Sha == start.Tree.Sha)
        {
            return new PatchOutcome.Empty();
        }

        var text = await diff.WriteAsync(store.PathOf(repository), start.Tree.Sha, tree.Sha, cancellationToken);
        using var stats = mirror.Diff.Compare<PatchStats>(start.Tree, tree, compareOptions: new CompareOptions { Similarity = SimilarityOptions.None });
        return new PatchOutcome.Built(
            text, tree.Sha, snapshot.Changes.Count, stats.TotalLinesAdded, stats.TotalLinesDeleted, [.. snapshot.Changes.Select(change => change.Path)]);
    }

    private static Commit CommitOf(Repository mirror, string commit) =>
        mirror.Lookup<Commit>(commit) ?? throw new RepositoryException($"The mirror does not hold the commit {commit}.", isTransient: false);
}
