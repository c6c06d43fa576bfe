using LibGit2Sharp;
using Microsoft.Extensions.Options;
using V4Agents.Core.Repositories;
using V4Agents.Git.Trees;

namespace V4Agents.Git.Mirrors;

/// <summary>The folder of bare mirrors, and who may change one of them at a time, over all processes of this machine.</summary>
internal sealed class MirrorStore(IOptions<GitOptions> options, TimeProvider time)
{
    private static readonly TimeSpan Retry = TimeSpan.FromMilliseconds(50);

    public string PathOf(RepositoryId id) => Path.Combine(options.Value.MirrorDirectory, $"{id}.git");

    /// <exception cref="RepositoryException">The mirror is gone or damaged.</exception>
    public Repository Open(RepositoryId id)
    {
        Libgit2.Configure();
        try
        {
            return new Repository(PathOf(id));
        }
        catch (LibGit2SharpException e)
        {
            throw new RepositoryException($"The mirror {PathOf(id)} cannot be opened: {e.Message}. Remove the folder; it is fetched again.", isTransient: false, e);
        }
    }

    /// <summary>Makes the mirror when there is none: beside its place first, so that an interruption leaves no half one.</summary>
    public void Ensure(RepositoryId id)
    {
        Libgit2.Configure();
        if (Repository.IsValid(PathOf(id)))
        {
            return;
        }

        var making = PathOf(id) + ".new";
        if (Directory.Exists(making))
        {
            Directory.Delete(making, recursive: true);
        }

        Repository.Init(making, isBare: true);
        Directory.Move(making, PathOf(id));
    }

    public async Task<IDisposable> LockAsync(RepositoryId id, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(options.Value.MirrorDirectory);
        while (true)
        {
            try
            {
                return new FileStream(PathOf(id) + ".lock", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException e) when (e is not DirectoryNotFoundException)
            {
                // Another process or task brings the same mirror up to date.
                await Task.Delay(Retry, time, cancellationToken);
            }
        }
    }
}
