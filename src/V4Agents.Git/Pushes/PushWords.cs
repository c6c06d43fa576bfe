using V4Agents.Core.Repositories;
using V4Agents.Git.Mirrors;

namespace V4Agents.Git.Pushes;

internal static class PushWords
{
    private const int MaxLength = 300;

    public static PushOutcome.Refused Taken(RepositoryAddress place, string branch, string? there, string commit) => new(
        $"{place.Display} already has a branch '{branch}' at {there ?? "something that is no commit"}; the patch is commit {commit}. "
        + "The branch is left alone: delete or rename it, or choose another branch.");

    /// <summary>A remote's own words as one bounded line, without what the address holds of secrets.</summary>
    public static string Quote(RepositoryAddress place, string text)
    {
        var clean = GitFailures.Clean(place, text);
        clean = place.Credentials?.Hide(clean) ?? clean;
        var line = string.Concat(clean.Trim().Select(c => char.IsControl(c) ? ' ' : c));
        return line.Length <= MaxLength ? line : line[..MaxLength] + "…";
    }
}
