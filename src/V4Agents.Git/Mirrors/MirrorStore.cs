using LibGit2Sharp;
using Microsoft.Extensions.Options;
using V4Agents.Core.Repositories;
using V4Agents.Git.Commands;
using V4Agents.Git.Trees;

namespace V4Agents.Git.Mirrors;

/// <summary>The directory of bare mirrors. A mirror appears in it whole, by a rename, and its objects are never collected.</summary>
internal sealed class MirrorStore(GitProgram git, IOptions<GitOptions> options, TimeProvider time)
{
    /// <summary>Directories of packs on their way out, among the mirror's objects.</summary>
    public const string ScratchPrefix = "push-";

    private string Root => Path.GetFullPath(options.Value.MirrorDirectory);

    public string PathOf(RepositoryId id) => id.Value is ['r', '-', .. var hex] && hex.All(char.IsAsciiHexDigitLower)
        ? Path.Combine(Root, id.Value + ".git")
        : throw new ArgumentException($"'{id}' is not the id of a repository.", nameof(id));

    public bool Exists(RepositoryId id) => Directory.Exists(PathOf(id));

    public async Task<MirrorLock> LockAsync(RepositoryId id, CancellationToken cancellationToken)
    {
        var path = Path.ChangeExtension(PathOf(id), ".lock");
        try
        {
            Directory.CreateDirectory(Root);
            return await MirrorLock.TakeAsync(path, time, cancellationToken);
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException)
        {
            throw new RepositoryException($"The mirror directory {Root} cannot be used: {e.Message}", isTransient: false, e);
        }
    }

    /// <summary>Opens a mirror for reading and for adding objects; neither needs the lock.</summary>
    public Repository Open(RepositoryId id)
    {
        Libgit2.Configure();
        try
        {
            return new Repository(PathOf(id));
        }
        catch (LibGit2SharpException e)
        {
            throw new RepositoryException($"The mirror {id} is gone or damaged. Prepare the repository again.", isTransient: false, e);
        }
    }

    /// <summary>Whether the commit and its tree can be read here. Whatever is wrong with the mirror is a no.</summary>
    public bool Holds(RepositoryId id, string commit)
    {
        if (!Exists(id))
        {
            return false;
        }

        try
        {
            using var mirror = Open(id);
            return mirror.Lookup<Commit>(commit)?.Tree is { } tree && mirror.Lookup<Tree>(tree.Id) is not null;
        }
        catch (Exception e) when (e is RepositoryException or LibGit2SharpException)
        {
            return false;
        }
    }

    /// <summary>
    /// Moves a mirror out of the way whose refs lead to commits that cannot be read, or that is no repository at all: fetching into it would
    /// fail for ever. It is not removed, since it may hold what no remote has any more. Caller holds the lock.
    /// </summary>
    public void SetAsideIfDamaged(RepositoryId id)
    {
        if (!Exists(id) || IsSound(id))
        {
            return;
        }

        try
        {
            Directory.Move(PathOf(id), Path.Combine(Root, $"{id.Value}.damaged-{Guid.NewGuid():N}"));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new RepositoryException($"The damaged mirror {id} cannot be moved out of the way: {e.Message}", isTransient: false, e);
        }
    }

    private bool IsSound(RepositoryId id)
    {
        try
        {
            using var mirror = Open(id);
            return mirror.Refs.OfType<DirectReference>().All(reference => reference.Target switch
            {
                Commit commit => mirror.ObjectDatabase.Contains(commit.Tree.Id),
                null => false,
                _ => true,
            });
        }
        catch (Exception e) when (e is RepositoryException or LibGit2SharpException)
        {
            return false;
        }
    }

    public Commit Commit(Repository mirror, string id) =>
        mirror.Lookup<Commit>(id) ?? throw new RepositoryException($"The mirror does not hold commit {id}. Prepare the repository again.", isTransient: false);

    /// <summary>An empty repository beside the mirrors, to be filled and then published. Caller holds the lock.</summary>
    public async Task<string> BeginAsync(RepositoryId id, CancellationToken cancellationToken)
    {
        // Whoever made these died before publishing them: the lock is ours.
        foreach (var left in Directory.EnumerateDirectories(Root, id.Value + ".new-*"))
        {
            Directory.Delete(left, recursive: true);
        }

        var path = Path.Combine(Root, $"{id.Value}.new-{Guid.NewGuid():N}");
        var run = new GitRun(["init", "--quiet", "--bare", "--template=", "--object-format=sha1", "--initial-branch=main", "--", path], options.Value.ListTimeout);
        var result = await git.RunAsync(run with { Isolated = true }, cancellationToken);
        return result.Succeeded
            ? path
            : throw new RepositoryException($"A mirror cannot be made in {Root}: {result.Reason}.", isTransient: true);
    }

    /// <summary>Caller holds the lock.</summary>
    public void Publish(RepositoryId id, string path) => Directory.Move(path, PathOf(id));

    /// <summary>Removes what a fetch or a push that was killed left behind and nobody can still be writing. Caller holds the lock.</summary>
    public void Tidy(string mirror)
    {
        var old = time.GetUtcNow() - options.Value.FetchTimeout - TimeSpan.FromMinutes(1);
        foreach (var file in new[] { "*.lock", "tmp_*" }.SelectMany(pattern => Directory.EnumerateFiles(mirror, pattern, SearchOption.AllDirectories)))
        {
            if (File.GetLastWriteTimeUtc(file) < old)
            {
                File.Delete(file);
            }
        }

        foreach (var scratch in Directory.EnumerateDirectories(Path.Combine(mirror, "objects"), ScratchPrefix + "*"))
        {
            if (Directory.GetLastWriteTimeUtc(scratch) < old)
            {
                Directory.Delete(scratch, recursive: true);
            }
        }
    }

    /// <summary>Makes the mirror's HEAD what the repository's is, so that <c>HEAD~2</c> means the same in both. Caller holds the lock.</summary>
    public static void PointHead(string mirror, string target)
    {
        var next = Path.Combine(mirror, "HEAD.next");
        File.WriteAllText(next, target + "\n");
        File.Move(next, Path.Combine(mirror, "HEAD"), overwrite: true);
    }
}
