using LibGit2Sharp;

namespace V4Agents.Git.Trees;

internal static class Commits
{
    /// <summary>The commit that an expression names, tags peeled; null when there is none, or more than one.</summary>
    public static Commit? Find(Repository repository, string expression)
    {
        try
        {
            return repository.Lookup(expression == "@" ? "HEAD" : expression)?.Peel<Commit>();
        }
        catch (LibGit2SharpException)
        {
            // Ambiguous, not an expression, or an object that leads to no commit.
            return null;
        }
    }
}
