using System.Text;
using LibGit2Sharp;
using Microsoft.Extensions.Options;
using V4Agents.Core.Repositories;
using V4Agents.Git.Commands;
using V4Agents.Git.Mirrors;

namespace V4Agents.Git.Pushes;

/// <summary>
/// A push to a repository on this machine. No git program runs in it, because that would run its hooks and the commands its settings name:
/// our mirror packs what the repository lacks, the pack is put among its objects, and then the branch is made.
/// </summary>
internal sealed class LocalPush(GitProgram git, IOptions<GitOptions> options, TimeProvider time)
{
    public async Task<PushOutcome> RunAsync(
        RepositoryAddress place, string mirrorPath, string branch, string commit, string parent, CancellationToken cancellationToken)
    {
        var name = BranchName.Heads + branch;
        string directory;
        string wanted;
        try
        {
            using (var target = new Repository(place.Location))
            {
                directory = CommonDirectory(target.Info.Path);
                if (NewRef.InTheWay(target, name) is { } found)
                {
                    return InTheWay(place, branch, commit, found);
                }

                if (!target.Info.IsBare && IsCheckedOut(directory, name))
                {
                    return new PushOutcome.Refused(
                        $"Branch '{branch}' is checked out in {place.Display} and has no commits yet: pushing to it would leave the files behind it. Choose another branch.");
                }

                wanted = Wanted(target, mirrorPath, commit, parent);
            }

            await SendAsync(mirrorPath, Path.Combine(directory, "objects", "pack"), wanted, cancellationToken);
            return await NewRef.CreateAsync(directory, name, commit, time, cancellationToken) is { } since
                ? InTheWay(place, branch, commit, since)
                : new PushOutcome.Pushed(commit, AlreadyThere: false);
        }
        catch (Exception e) when (e is UnauthorizedAccessException || (e is IOException && e.Message.Contains("Read-only file system", StringComparison.Ordinal)))
        {
            return new PushOutcome.Refused(
                $"This account may not write to {place.Display}: {e.Message} Give it the right to, or apply the patch yourself.");
        }
        catch (Exception e) when (e is IOException or LibGit2SharpException)
        {
            throw new RepositoryException($"Branch '{branch}' cannot be written to {place.Display}: {e.Message}", isTransient: true, e);
        }
    }

    private static PushOutcome InTheWay(RepositoryAddress place, string branch, string commit, (string Name, string? Commit) found) =>
        found.Name != BranchName.Heads + branch ? new PushOutcome.Refused(
            $"{place.Display} has '{found.Name}', which leaves no room for a branch '{branch}'. Choose another branch.")
        : found.Commit == commit ? new PushOutcome.Pushed(commit, AlreadyThere: true)
        : PushWords.Taken(place, branch, found.Commit, commit);

    /// <summary>What a pack must hold, as git's list of commits: everything but what the target surely has whole.</summary>
    private static string Wanted(Repository target, string mirrorPath, string commit, string parent)
    {
        var tips = target.Refs.Select(r => r.ResolveToDirectReference()?.Target).Select(CommitOf).OfType<Commit>().DistinctBy(tip => tip.Id).ToList();
        // Only what a ref leads to is whole: a commit that nothing holds any more may have lost some of its files already.
        if (IsReachable(target, parent, tips))
        {
            return $"{commit}\n^{parent}\n";
        }

        using var mirror = new Repository(mirrorPath);
        return string.Concat([$"{commit}\n", .. tips.Where(tip => mirror.Lookup<Commit>(tip.Id) is not null).Select(tip => $"^{tip.Sha}\n")]);
    }

    private static bool IsReachable(Repository target, string commit, IReadOnlyList<Commit> tips) =>
        target.Lookup<Commit>(commit) is { } found && tips.Count > 0
        && !target.Commits.QueryBy(new CommitFilter { IncludeReachableFrom = found, ExcludeReachableFrom = tips }).Any();

    /// <summary>Null for a ref that leads to none, as a tag on a file does.</summary>
    private static Commit? CommitOf(GitObject? tip) => tip switch
    {
        Commit commit => commit,
        TagAnnotation tag => CommitOf(tag.Target),
        _ => null,
    };

    private async Task SendAsync(string mirrorPath, string packs, string wanted, CancellationToken cancellationToken)
    {
        var scratch = Directory.CreateDirectory(Path.Combine(mirrorPath, "objects", $"{MirrorStore.ScratchPrefix}{Guid.NewGuid():N}")).FullName;
        try
        {
            // A base name in the same file system as the mirror: git renames what it wrote among the mirror's own objects.
            var run = new GitRun(
                [$"--git-dir={mirrorPath}", "pack-objects", "--revs", "--quiet", "--delta-base-offset", Path.Combine(scratch, "pack")], options.Value.FetchTimeout)
            {
                Isolated = true,
                Input = Encoding.ASCII.GetBytes(wanted),
            };
            var result = await git.RunAsync(run, cancellationToken);
            if (!result.Succeeded)
            {
                throw new RepositoryException(
                    $"The commit cannot be packed: {(result.TimedOut ? $"git took longer than {run.Limit}" : result.Reason)}.", isTransient: true);
            }

            Directory.CreateDirectory(packs);
            // A pack counts once its index is there.
            foreach (var file in Directory.GetFiles(scratch).OrderBy(file => file.EndsWith(".idx", StringComparison.Ordinal)))
            {
                await PutAsync(file, Path.Combine(packs, Path.GetFileName(file)), cancellationToken);
            }
        }
        finally
        {
            Directory.Delete(scratch, recursive: true);
        }
    }

    private static async Task PutAsync(string file, string destination, CancellationToken cancellationToken)
    {
        var unfinished = Path.Combine(Path.GetDirectoryName(destination)!, $"tmp_v4agents_{Guid.NewGuid():N}"); // It is in the packs' directory.
        try
        {
            await using (var source = File.OpenRead(file))
            await using (var copy = new FileStream(unfinished, FileMode.CreateNew, FileAccess.Write))
            {
                await source.CopyToAsync(copy, cancellationToken);
                copy.Flush(flushToDisk: true);
            }

            File.Move(unfinished, destination, overwrite: true);
        }
        finally
        {
            File.Delete(unfinished);
        }
    }

    /// <summary>Refs and objects of a linked worktree are its repository's.</summary>
    private static string CommonDirectory(string gitDirectory)
    {
        var pointer = Path.Combine(gitDirectory, "commondir");
        return File.Exists(pointer) ? Path.GetFullPath(Path.Combine(gitDirectory, File.ReadAllText(pointer).Trim())) : gitDirectory;
    }

    private static bool IsCheckedOut(string directory, string name)
    {
        var trees = Path.Combine(directory, "worktrees");
        return new[] { directory }.Concat(Directory.Exists(trees) ? Directory.EnumerateDirectories(trees) : [])
            .Select(tree => Path.Combine(tree, "HEAD"))
            .Any(head => File.Exists(head) && File.ReadAllText(head).Trim() == "ref: " + name);
    }
}
