using LibGit2Sharp;

namespace V4Agents.Git.Trees;

/// <summary>Process-wide settings of the git library; they must be made before its first use.</summary>
internal static class Libgit2
{
    // Repositories of other users are read in place, and nothing of theirs is executed by reading.
    private static readonly Lazy<bool> Configured = new(() =>
    {
        GlobalSettings.SetOwnerValidation(false);
        return true;
    });

    public static void Configure() => _ = Configured.Value;
}
