using LibGit2Sharp;
using V4Agents.Core.Repositories;
using V4Agents.Core.Tasks;
using V4Agents.Git.Trees;

namespace V4Agents.Git.Mirrors;

/// <summary>From an address and a ref to a commit that is whole in the mirror.</summary>
internal sealed class MirrorUpdate(MirrorStore store, Remotes remotes)
{
    private const string Kept = "refs/v4/commits/";
    private const string Head = "refs/v4/head";
    private static readonly string[] Followed = ["+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*"];

    public async Task<RepositoryOutcome.Refused?> ProbeAsync(string text, string? reference, CancellationToken cancellationToken)
    {
        var (address, refused) = Find(text, reference);
        if (address is null)
        {
            return refused;
        }

        if (address.IsLocal)
        {
            return LocalRepository.Resolve(address, reference ?? "HEAD").Refused;
        }

        var (refs, unreachable) = await remotes.ListAsync(address, cancellationToken);
        return unreachable ?? Target(address, refs!, reference).Refused; // One of the two is there.
    }

    public async Task<RepositoryOutcome> PrepareAsync(string text, string? reference, CancellationToken cancellationToken)
    {
        var (address, refused) = Find(text, reference);
        if (address is null)
        {
            return refused!; // One of the two is there.
        }

        using var held = await store.LockAsync(address.Id, cancellationToken);
        store.Ensure(address.Id);
        return address.IsLocal
            ? await PrepareLocalAsync(address, reference, cancellationToken)
            : await PrepareRemoteAsync(address, reference, cancellationToken);
    }

    private static (RepositoryAddress? Address, RepositoryOutcome.Refused? Refused) Find(string text, string? reference)
    {
        if (RepositoryAddress.Parse(text, out var problem) is not { } address)
        {
            return (null, new(FailureCode.RepositoryNotFound, problem));
        }

        if (reference is not null && !RefName.IsUsable(reference))
        {
            return (null, new(FailureCode.RefNotFound, $"'{reference}' cannot be the name of a branch, tag or commit."));
        }

        return address.IsLocal ? LocalRepository.Discover(address) : (address, null);
    }

    private async Task<RepositoryOutcome> PrepareLocalAsync(RepositoryAddress address, string? reference, CancellationToken cancellationToken)
    {
        var (commit, refused) = LocalRepository.Resolve(address, reference ?? "HEAD");
        if (refused is not null)
        {
            return refused;
        }

        // The ref is written only after git has checked that everything it reaches is there.
        var kept = Kept + commit;
        using (var mirror = store.Open(address.Id))
        {
            if (mirror.Refs[kept] is not null)
            {
                return Ready(mirror, address.Id, reference, kept);
            }
        }

        if (await remotes.FetchAsync(address, store.PathOf(address.Id), [.. Followed, $"+{commit}:{kept}"], prune: false, cancellationToken) is { } failed)
        {
            return failed;
        }

        using var updated = store.Open(address.Id);
        return Ready(updated, address.Id, reference, kept);
    }

    private async Task<RepositoryOutcome> PrepareRemoteAsync(RepositoryAddress address, string? reference, CancellationToken cancellationToken)
    {
        var (refs, unreachable) = await remotes.ListAsync(address, cancellationToken);
        if (refs is null)
        {
            return unreachable!; // One of the two is there.
        }

        var (name, refused) = Target(address, refs, reference);
        if (refused is not null)
        {
            return refused;
        }

        var wanted = name switch
        {
            "HEAD" => [$"+HEAD:{Head}"],
            not null when !RemoteRefs.IsFollowed(name) => [$"+{name}:{name}"],
            _ => Array.Empty<string>(),
        };
        if (await remotes.FetchAsync(address, store.PathOf(address.Id), [.. Followed, .. wanted], prune: true, cancellationToken) is { } failed)
        {
            return failed;
        }

        using var mirror = store.Open(address.Id);
        var expression = name == "HEAD" ? Head : name ?? reference!; // Without a name there is a commit id or an expression.
        return Commits.Find(mirror, expression) is null
            ? new RepositoryOutcome.Refused(FailureCode.RefNotFound, RefName.NotFound(address.Display, reference ?? "HEAD", refs.ShortNames))
            : Ready(mirror, address.Id, reference, expression);
    }

    /// <summary>The advertised ref that is meant; none for commit ids and expressions, which only the mirror can resolve.</summary>
    private static (string? Name, RepositoryOutcome.Refused? Refused) Target(RepositoryAddress address, RemoteRefs refs, string? reference)
    {
        if (refs.IsEmpty)
        {
            return (null, new(FailureCode.RepositoryEmpty, $"{address.Display} has no commits yet. Commit something first."));
        }

        if (refs.Match(reference ?? "HEAD") is { } name)
        {
            return (name, null);
        }

        var isResolvable = reference is not null
            && (RefName.MayBeCommitId(reference) || (RefName.BaseOf(reference) is { } start && (refs.Match(start) is not null || RefName.MayBeCommitId(start))));
        return isResolvable
            ? (null, null)
            : (null, new(FailureCode.RefNotFound, RefName.NotFound(address.Display, reference ?? "HEAD", refs.ShortNames)));
    }

    private static RepositoryOutcome.Ready Ready(Repository mirror, RepositoryId id, string? reference, string expression)
    {
        var commit = Commits.Find(mirror, expression)!; // The callers have made sure.
        return new(new PreparedRepository(id, reference ?? "HEAD", commit.Sha, commit.Tree.Sha, TreeFiles.Walk(commit.Tree).Count(item => item.Entry.TargetType == TreeEntryTargetType.Blob)));
    }
}
