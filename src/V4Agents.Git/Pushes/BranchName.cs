using LibGit2Sharp;
using V4Agents.Git.Mirrors;

namespace V4Agents.Git.Pushes;

internal static class BranchName
{
    public const string Heads = "refs/heads/";

    /// <summary>What is wrong with the name of a branch to be made, as a sentence; null when nothing is.</summary>
    public static string? Problem(string branch)
    {
        // Names that git takes and people cannot use afterwards, or would take for something else.
        var isConfusing = branch is "HEAD" or "@" || (branch.Length == 40 && RefName.MayBeCommitId(branch));
        return RefName.IsUsable(branch) && !isConfusing && Reference.IsValidName(Heads + branch)
            ? null
            : $"'{Shown(branch)}' cannot be the name of a branch. Use letters, digits, '-', '.' and '/'.";
    }

    private static string Shown(string branch) => string.Concat(branch.Take(100).Select(c => char.IsControl(c) || char.IsSurrogate(c) ? '?' : c));
}
