using V4Agents.Core.Repositories;
using V4Agents.Core.Tasks;
using V4Agents.Git.Commands;
using V4Agents.Git.Mirrors;

namespace V4Agents.Git.Pushes;

/// <summary>A push over the network, by the git program from our bare mirror. The branch is looked up before, and after a failure.</summary>
internal sealed class RemotePush(Remotes remotes)
{
    private static readonly string[] TakesNone = ["git-http-push failed", "does not support", "service not enabled"];

    /// <summary>Reasons that are no decision: a full disk there, or another push at the same moment.</summary>
    private static readonly string[] Passing = ["unpacker error", "failed to update ref", "failed to lock", "cannot lock ref", "missing necessary objects"];

    public async Task<PushOutcome> RunAsync(
        RepositoryAddress place, string mirrorPath, string branch, string commit, CancellationToken cancellationToken)
    {
        var name = BranchName.Heads + branch;
        var (there, unseen) = await LookAsync(place, name, cancellationToken);
        if ((unseen ?? Found(place, branch, there, commit, alreadyThere: true)) is { } known)
        {
            return known;
        }

        var result = await remotes.PushAsync(place, mirrorPath, commit, name, cancellationToken);
        if (result.Succeeded)
        {
            return new PushOutcome.Pushed(commit, AlreadyThere: false);
        }

        // Somebody else may have been faster, or the push landed and its answer did not.
        (there, unseen) = await LookAsync(place, name, cancellationToken);
        return unseen ?? Found(place, branch, there, commit, alreadyThere: false) ?? Refusal(place, branch, result) ?? Failed(place, result);
    }

    private static PushOutcome? Found(RepositoryAddress place, string branch, string? there, string commit, bool alreadyThere) =>
        there is null ? null : there == commit ? new PushOutcome.Pushed(commit, alreadyThere) : PushWords.Taken(place, branch, there, commit);

    private async Task<(string? Commit, PushOutcome.Refused? Refused)> LookAsync(RepositoryAddress place, string name, CancellationToken cancellationToken)
    {
        var (commit, result) = await remotes.BranchAsync(place, name, cancellationToken);
        return result.Succeeded ? (commit, null) : (null, Failed(place, result));
    }

    /// <summary>What the remote said about this branch: <c>!</c>, the refs and its reason, by tabs.</summary>
    private static PushOutcome.Refused? Refusal(RepositoryAddress place, string branch, GitResult result)
    {
        var said = result.Text.Split('\n').Select(line => line.Split('\t')).FirstOrDefault(parts => parts is ["!", _, ..]);
        if (said is not null && (!said[^1].Contains("rejected]", StringComparison.Ordinal) || Passing.Any(words => said[^1].Contains(words, StringComparison.Ordinal))))
        {
            return null;
        }

        if (said is null)
        {
            return TakesNone.Any(words => result.Errors.Contains(words, StringComparison.OrdinalIgnoreCase))
                ? new PushOutcome.Refused($"{place.Display} takes no pushes. Apply the patch yourself, or submit with an address that does.")
                : null;
        }

        var detail = result.Errors.Split('\n').FirstOrDefault(line => line.StartsWith("remote: ", StringComparison.Ordinal) && line["remote: ".Length..].Trim().Length > 0);
        var reason = said[^1] + (detail is null ? "" : $": {detail["remote: ".Length..].Trim()}");
        return new PushOutcome.Refused(
            $"{place.Display} refuses branch '{branch}': {PushWords.Quote(place, reason)}. Change its rules or choose another branch.");
    }

    /// <exception cref="RepositoryException">Trying again may help.</exception>
    private PushOutcome.Refused Failed(RepositoryAddress place, GitResult result)
    {
        var why = GitFailures.Explain(place, result, remotes.Limit);
        var message = place.Credentials?.Hide(why.Message) ?? why.Message;
        return why.Code == FailureCode.RepositoryUnreachable && !GitFailures.IsAccess(result)
            ? throw new RepositoryException(message, isTransient: true)
            : new PushOutcome.Refused(message);
    }
}
