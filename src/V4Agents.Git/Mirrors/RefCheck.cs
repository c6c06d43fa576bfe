using V4Agents.Core.Repositories;
using V4Agents.Core.Tasks;

namespace V4Agents.Git.Mirrors;

/// <summary>Whether a ref can be used, judged by what a repository advertises. Commit ids and expressions are let pass: only a mirror knows.</summary>
internal static class RefCheck
{
    public static RepositoryOutcome.Refused? Explain(RepositoryAddress address, RemoteRefs refs, string? reference)
    {
        if (refs.IsEmpty)
        {
            // A worktree whose branch is unborn still has its neighbours' branches; a repository with none has nothing.
            return new(FailureCode.RepositoryEmpty, $"{address.Display} has no commits yet. Commit something first.");
        }

        if (reference is null)
        {
            return refs.HasHead ? null : new(FailureCode.RefNotFound, RefName.NotFound(address.Display, "HEAD", refs.ShortNames));
        }

        if (!RefName.IsUsable(reference))
        {
            return new(FailureCode.RefNotFound, RefName.NotFound(address.Display, reference, refs.ShortNames));
        }

        // The repository itself is asked when it is on this machine.
        var known = address.IsLocal || RefName.MayBeCommitId(reference) || refs.Match(reference) is not null
            || RefName.BaseOf(reference) is { } name && (RefName.MayBeCommitId(name) || refs.Match(name) is not null);
        return known ? null : new(FailureCode.RefNotFound, RefName.NotFound(address.Display, reference, refs.ShortNames));
    }
}
