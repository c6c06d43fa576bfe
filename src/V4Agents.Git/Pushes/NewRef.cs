using System.Text;
using LibGit2Sharp;

namespace V4Agents.Git.Pushes;

/// <summary>
/// Makes a branch in a repository on this machine by git's own protocol for loose refs: the value is written to <c>name.lock</c>, which only
/// one writer can have, and renamed. The library's way leaves a gap between looking and writing; the git program would run the repository's
/// hooks.
/// </summary>
internal static class NewRef
{
    private const int Tries = 100;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    /// <summary>The ref of this name, which may be there with another commit, or a ref that leaves no room for the name.</summary>
    /// <returns>Null when there is neither.</returns>
    public static (string Name, string? Commit)? InTheWay(Repository repository, string name)
    {
        var found = repository.Refs.FirstOrDefault(r => r.CanonicalName == name)
            ?? repository.Refs.FirstOrDefault(r =>
                r.CanonicalName.StartsWith(name + "/", StringComparison.Ordinal) || name.StartsWith(r.CanonicalName + "/", StringComparison.Ordinal));
        return found is null ? null : (found.CanonicalName, found.ResolveToDirectReference()?.TargetIdentifier);
    }

    /// <param name="gitDirectory">Where refs are, which worktrees share.</param>
    /// <returns>Null when the branch was made; else what is in its way.</returns>
    /// <exception cref="IOException">It cannot be written, or another program holds its lock.</exception>
    public static async Task<(string Name, string? Commit)?> CreateAsync(
        string gitDirectory, string name, string commit, TimeProvider time, CancellationToken cancellationToken)
    {
        var path = Path.Combine(gitDirectory, name);
        var held = path + ".lock";
        using (var before = new Repository(gitDirectory))
        {
            if (InTheWay(before, name) is { } found)
            {
                return found;
            }
        }

        await TakeAsync(gitDirectory, held, commit + "\n", time, cancellationToken);
        try
        {
            // Opened anew: what was read before the lock may be old.
            using var fresh = new Repository(gitDirectory);
            if (InTheWay(fresh, name) is { } found)
            {
                return found;
            }

            if (Directory.Exists(path))
            {
                RemoveEmpty(path);
            }

            File.Move(held, path, overwrite: true);
            return null;
        }
        finally
        {
            File.Delete(held);
        }
    }

    /// <summary>
    /// The lock appears whole, by a link. One that stays and holds this very commit was left by a try that was killed, and is taken over.
    /// </summary>
    private static async Task TakeAsync(string gitDirectory, string held, string value, TimeProvider time, CancellationToken cancellationToken)
    {
        var own = Path.Combine(gitDirectory, $"v4agents-{Guid.NewGuid():N}.lock");
        await WriteAsync(own, value, cancellationToken);
        try
        {
            for (var left = Tries; ; left--)
            {
                // Git removes directories that the last branch in them has left, also between these two lines.
                Directory.CreateDirectory(Path.GetDirectoryName(held)!); // It is below the repository's directory.
                try
                {
                    File.Move(own, held, overwrite: false);
                    return;
                }
                catch (IOException) when (left > 0)
                {
                    if (left == 1 && Read(held) == value)
                    {
                        File.Delete(held);
                        continue;
                    }

                    await Task.Delay(Pause, time, cancellationToken);
                }
            }
        }
        finally
        {
            File.Delete(own);
        }
    }

    /// <summary>On disk before it gets its name: a branch that a power cut leaves empty is a broken one.</summary>
    private static async Task WriteAsync(string path, string text, CancellationToken cancellationToken)
    {
        await using var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write);
        await file.WriteAsync(Encoding.ASCII.GetBytes(text), cancellationToken);
        file.Flush(flushToDisk: true);
    }

    private static string? Read(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (IOException)
        {
            // It went in the meantime.
            return null;
        }
    }

    /// <summary>Branches below this name leave their directories behind when they go; one with a file in it is not empty and stays.</summary>
    private static void RemoveEmpty(string path)
    {
        foreach (var below in Directory.EnumerateDirectories(path))
        {
            RemoveEmpty(below);
        }

        Directory.Delete(path);
    }
}
