using V4Agents.Core.Repositories;
using V4Agents.Core.Tasks;
using V4Agents.Git.Commands;

namespace V4Agents.Git.Mirrors;

/// <summary>What a failed exchange with a remote means, read from git's own words (in the C locale).</summary>
internal static class GitFailures
{
    private static readonly string[] Gone =
        ["repository not found", "does not exist", "no such file or directory", "error: 404", "project you were looking for could not be found"];

    private static readonly string[] NoRepository = ["is this a git repository?", "not a git repository", "bad object format"];

    private static readonly string[] NoAccess =
    [
        "authentication failed", "could not read username", "could not read password", "permission denied", "host key verification failed",
        "error: 401", "error: 403", "access denied", "terminal prompts disabled",
    ];

    public static RepositoryOutcome.Refused Explain(RepositoryAddress address, GitResult result, TimeSpan limit)
    {
        if (result.TimedOut)
        {
            return new(FailureCode.RepositoryUnreachable,
                $"{address.Display} did not answer within {limit.TotalSeconds:0} seconds. Check the network and the address, then try again.");
        }

        if (result.TooLong)
        {
            return new(FailureCode.RepositoryUnreachable, $"{address.Display} answers with more than V4Agents is ready to read.");
        }

        if (IsAccess(result))
        {
            return new(FailureCode.RepositoryUnreachable,
                $"{address.Display} refuses access: {Clean(address, result.Reason)}. Set up an ssh key or a git credential helper for the account the service runs as.");
        }

        if (Says(result, NoRepository))
        {
            return new(FailureCode.NotARepository, $"{address.Display} answers, but is not a git repository.");
        }

        // "repository 'https://host/path/' not found" has the address between its words.
        if (Says(result, Gone) || result.Reason.EndsWith("not found", StringComparison.Ordinal) || result.Errors.Contains("does not appear to be a git repository"))
        {
            return new(FailureCode.RepositoryNotFound, $"There is no repository at {address.Display}. Check the address, and that this account may see it.");
        }

        return new(FailureCode.RepositoryUnreachable, $"{address.Display} cannot be reached: {Clean(address, result.Reason)}.");
    }

    /// <summary>Whether this account is not let in, which trying again does not change.</summary>
    public static bool IsAccess(GitResult result) => Says(result, NoAccess);

    private static bool Says(GitResult result, string[] words) => words.Any(word => result.Errors.Contains(word, StringComparison.OrdinalIgnoreCase));

    /// <summary>The reason as one sentence part; the location's query, which may be secret, is taken out.</summary>
    public static string Clean(RepositoryAddress address, string reason) =>
        reason.Replace(address.Location, address.Display, StringComparison.Ordinal).TrimEnd('.', ' ');
}
