using LibGit2Sharp;
using V4Agents.Core.Repositories;
using V4Agents.Core.Tasks;
using V4Agents.Git.Trees;

namespace V4Agents.Git.Mirrors;

/// <summary>A repository on this machine, opened in place to be looked at. Its work tree is not.</summary>
internal static class LocalRepository
{
    /// <summary>Turns a path at or below a repository into the repository's own real path.</summary>
    public static (RepositoryAddress? Address, RepositoryOutcome.Refused? Refused) Discover(RepositoryAddress address)
    {
        if (File.Exists(address.Location))
        {
            return (null, new(FailureCode.NotARepository, $"{address.Location} is a file, not a git repository."));
        }

        if (!Directory.Exists(address.Location))
        {
            return (null, new(FailureCode.RepositoryNotFound, $"There is no folder {address.Location}."));
        }

        try
        {
            Libgit2.Configure();
            var found = Repository.Discover(RealPath.Of(address.Location));
            if (found is null)
            {
                return (null, new(FailureCode.NotARepository, $"{address.Location} is not a git repository, nor in one. Run 'git init' and commit, or give another path."));
            }

            using var repository = new Repository(found);
            var path = Path.TrimEndingDirectorySeparator(RealPath.Of(repository.Info.WorkingDirectory ?? repository.Info.Path));
            return (address with { Location = path }, null);
        }
        catch (LibGit2SharpException e)
        {
            return (null, new(FailureCode.NotARepository, $"{address.Location} cannot be opened as a git repository: {e.Message}."));
        }
    }

    /// <summary>Resolves any expression git knows, against the repository itself: only there are its reflogs and remote branches.</summary>
    public static (string? Commit, RepositoryOutcome.Refused? Refused) Resolve(RepositoryAddress address, string reference)
    {
        using var repository = new Repository(address.Location);
        var names = repository.Refs.Select(r => r.CanonicalName).Where(RemoteRefs.IsFollowed).ToList();
        if (names.Count == 0 && repository.Info.IsHeadUnborn)
        {
            return (null, new(FailureCode.RepositoryEmpty, $"{address.Display} has no commits yet. Commit something first."));
        }

        var commit = Commits.Find(repository, reference);
        return commit is null
            ? (null, new(FailureCode.RefNotFound, RefName.NotFound(address.Display, reference, names.Select(name => name.Split('/', 3)[2]))))
            : (commit.Sha, null);
    }
}
