using LibGit2Sharp;
using V4Agents.Core.Repositories;
using V4Agents.Git.Mirrors;
using V4Agents.Git.Trees;

namespace V4Agents.Git.Pushes;

/// <summary>A verified patch as one commit on a new branch. Everything about it is a function of the request, so it can be done again.</summary>
internal sealed class BranchPush(MirrorStore mirrors, RestoredTree restored, LocalPush local, RemotePush remote)
{
    public async Task<PushOutcome> RunAsync(RepositoryAddress place, PushRequest request, CancellationToken cancellationToken)
    {
        var path = mirrors.PathOf(request.Repository);
        using var mirror = mirrors.Open(request.Repository);
        var parent = mirrors.Commit(mirror, request.Parent);
        var tree = mirror.Lookup<Tree>(request.Tree) is { } kept && IsWhole(mirror, kept)
            ? kept
            : await restored.MakeAsync(mirror, path, parent, request.Tree, request.Diff, cancellationToken);
        var commit = PushedCommit.Make(mirror, request, parent, tree).Sha;
        return place.IsLocal
            ? await local.RunAsync(place, path, request.Branch, commit, parent.Sha, cancellationToken)
            : await remote.RunAsync(place, path, request.Branch, commit, cancellationToken);
    }

    /// <summary>Its files were written one by one, and a power cut may have taken some of them.</summary>
    private static bool IsWhole(Repository mirror, Tree tree)
    {
        try
        {
            return TreeWalk.Of(tree).All(entry => entry.Mode == Mode.GitLink || mirror.ObjectDatabase.Contains(entry.Id));
        }
        catch (LibGit2SharpException)
        {
            // A directory of it cannot be read.
            return false;
        }
    }
}
