using LibGit2Sharp;
using V4Agents.Core.Repositories;
using V4Agents.Core.Tasks;
using V4Agents.Git.Trees;

namespace V4Agents.Git.Mirrors;

/// <summary>Makes a mirror follow its repository, and a commit be there.</summary>
internal sealed class MirrorUpdate(MirrorStore mirrors, Remotes remotes)
{
    private static readonly string[] Followed = ["+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*"];

    public async Task<RepositoryOutcome> PrepareAsync(RepositoryAddress address, string? reference, CancellationToken cancellationToken)
    {
        var (refs, refused) = await remotes.ListAsync(address, cancellationToken);
        if (refs is null)
        {
            return refused!; // Exactly one of the two is there.
        }

        if (RefCheck.Explain(address, refs, reference) is { } why)
        {
            return why;
        }

        using var held = await mirrors.LockAsync(address.Id, cancellationToken);
        mirrors.SetAsideIfDamaged(address.Id);
        if (await FollowAsync(address, refs, cancellationToken) is { } failed)
        {
            return failed;
        }

        var wanted = reference ?? "HEAD";
        var (commit, unknown) = await FindAsync(address, refs, wanted, cancellationToken);
        return commit is null
            ? unknown ?? new RepositoryOutcome.Refused(FailureCode.RefNotFound, RefName.NotFound(address.Display, wanted, refs.ShortNames))
            : new RepositoryOutcome.Ready(Pin(address.Id, wanted, commit));
    }

    private async Task<RepositoryOutcome.Refused?> FollowAsync(RepositoryAddress address, RemoteRefs refs, CancellationToken cancellationToken)
    {
        var isNew = !mirrors.Exists(address.Id);
        var path = isNew ? await mirrors.BeginAsync(address.Id, cancellationToken) : mirrors.PathOf(address.Id);
        try
        {
            if (!isNew)
            {
                mirrors.Tidy(path);
            }

            if (!IsCurrent(path, refs))
            {
                // A detached HEAD may be on no branch.
                string[] head = refs.HeadTarget is null && refs.HasHead ? ["+HEAD:refs/v4agents/head"] : [];
                if (await remotes.FetchAsync(address, path, [.. Followed, .. head], prune: true, cancellationToken) is { } refused)
                {
                    return refused;
                }
            }

            if (refs.HasHead)
            {
                MirrorStore.PointHead(path, refs.HeadTarget is null ? refs.Ids["HEAD"] : $"ref: {refs.HeadTarget}");
            }

            if (isNew)
            {
                mirrors.Publish(address.Id, path);
            }

            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new RepositoryException($"The mirror of {address.Display} cannot be written: {e.Message}", isTransient: true, e);
        }
        finally
        {
            if (isNew && Directory.Exists(path))
            {
                Directory.Delete(path, recursive: true);
            }
        }
    }

    private static bool IsCurrent(string path, RemoteRefs refs)
    {
        Libgit2.Configure();
        using var mirror = new Repository(path);
        var have = mirror.Refs.OfType<DirectReference>().Where(r => RemoteRefs.IsFollowed(r.CanonicalName))
            .ToDictionary(r => r.CanonicalName, r => r.TargetIdentifier, StringComparer.Ordinal);
        var want = refs.Followed.ToDictionary(StringComparer.Ordinal);
        return have.Count == want.Count && want.All(pair => have.GetValueOrDefault(pair.Key) == pair.Value)
            && (!refs.HasHead || mirror.ObjectDatabase.Contains(new ObjectId(refs.Ids["HEAD"])));
    }

    private async Task<(string? Commit, RepositoryOutcome.Refused? Refused)> FindAsync(
        RepositoryAddress address, RemoteRefs refs, string wanted, CancellationToken cancellationToken)
    {
        // A whole id is a commit, as git has it, whatever somebody has called a branch.
        var isId = wanted.Length == 40 && RefName.MayBeCommitId(wanted);
        var name = isId ? null : refs.Match(wanted);
        var expression = name is null ? wanted : refs.Ids[name];
        string? refspec = null;
        if (address.IsLocal)
        {
            (expression, var unknown) = LocalRepository.Resolve(address, wanted);
            if (expression is null)
            {
                return (null, unknown);
            }

            refspec = $"+{expression}:refs/v4agents/commits/{expression}";
        }
        else if (name is not null)
        {
            refspec = name.StartsWith("refs/", StringComparison.Ordinal) ? $"+{name}:refs/v4agents/asked/{name["refs/".Length..]}" : null;
        }
        else if (isId)
        {
            // Servers give single commits to whoever knows their name, pull requests of forks included.
            refspec = $"+{wanted}:refs/v4agents/asked/{wanted}";
        }

        if (Lookup(address.Id, expression) is { } commit || refspec is null)
        {
            return (Lookup(address.Id, expression), null);
        }

        var refused = await remotes.FetchAsync(address, mirrors.PathOf(address.Id), [refspec], prune: false, cancellationToken);
        commit = Lookup(address.Id, expression) ?? (isId ? null : Lookup(address.Id, refspec.Split(':')[1]));
        if (commit is null && isId && !address.IsLocal)
        {
            // Not every server gives single commits. One that is behind some ref, such as a pull request's, comes with all of them.
            await remotes.FetchAsync(address, mirrors.PathOf(address.Id), ["+refs/*:refs/v4agents/all/*"], prune: false, cancellationToken);
            commit = Lookup(address.Id, expression);
        }

        return (commit, commit is null && name is not null ? refused : null);
    }

    private string? Lookup(RepositoryId id, string expression)
    {
        using var mirror = mirrors.Open(id);
        return Commits.Find(mirror, expression)?.Sha;
    }

    /// <summary>Gives the commit a ref of ours: a task that runs on it outlives any rewriting of branches.</summary>
    private PreparedRepository Pin(RepositoryId id, string wanted, string commit)
    {
        using var mirror = mirrors.Open(id);
        mirror.Refs.Add($"refs/v4agents/commits/{commit}", new ObjectId(commit), allowOverwrite: true);
        var tree = mirrors.Commit(mirror, commit).Tree;
        return new PreparedRepository(id, wanted, commit, tree.Sha, TreeWalk.Of(tree).Count(entry => entry.Mode is not (Mode.Directory or Mode.GitLink)));
    }
}
