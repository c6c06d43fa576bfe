using System.Text;
using LibGit2Sharp;
using Microsoft.Extensions.Options;
using V4Agents.Core.Repositories;
using V4Agents.Git.Commands;
using V4Agents.Git.Patches;

namespace V4Agents.Git.Pushes;

/// <summary>
/// Makes a patched tree again from the delivered diff, in a mirror that has lost it. Git applies the diff to an index of ours beside no work
/// tree; the changed entries then go into the base tree as they did the first time, so that modes of old and submodules come out the same.
/// </summary>
internal sealed class RestoredTree(GitProgram git, IOptions<GitOptions> options)
{
    /// <exception cref="RepositoryException">The diff does not give the tree.</exception>
    public async Task<Tree> MakeAsync(
        Repository mirror, string path, Commit parent, string tree, ReadOnlyMemory<byte> diff, CancellationToken cancellationToken)
    {
        var scratch = Directory.CreateTempSubdirectory("v4agents-push-").FullName;
        try
        {
            var patch = Path.Combine(scratch, "patch");
            await File.WriteAllBytesAsync(patch, diff, cancellationToken);
            var index = Path.Combine(scratch, "index");
            await RunAsync(path, index, ["read-tree", parent.Tree.Sha], cancellationToken);
            await RunAsync(path, index, ["apply", "--cached", "--whitespace=nowarn", "--", patch], cancellationToken);
            var changes = await RunAsync(
                path, index, ["diff-index", "--cached", "--raw", "--no-abbrev", "--no-renames", "-z", parent.Tree.Sha], cancellationToken);
            var made = Write(mirror, parent.Tree, changes);
            return made.Sha == tree
                ? mirror.Lookup<Tree>(made)
                : throw new RepositoryException($"The delivered patch gives tree {made.Sha}, not {tree} that was verified. It is not pushed.", isTransient: false);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new RepositoryException($"The patch cannot be applied in {scratch}: {e.Message}", isTransient: true, e);
        }
        finally
        {
            Directory.Delete(scratch, recursive: true);
        }
    }

    /// <param name="changes">Fields that end in NUL: <c>:mode mode blob blob status</c>, then the path.</param>
    private static ObjectId Write(Repository mirror, Tree @base, string changes)
    {
        var tree = new EditableTree(mirror, @base);
        var entries = changes.Split('\0', StringSplitOptions.RemoveEmptyEntries).Chunk(2).Select(pair => (Meta: pair[0].Split(' '), Path: pair[1])).ToList();
        foreach (var gone in entries.Where(entry => entry.Meta[4] == "D"))
        {
            tree.Remove(gone.Path);
        }

        foreach (var (meta, path) in entries.Where(entry => entry.Meta[4] != "D"))
        {
            tree.Put(path, (Mode)Convert.ToInt32(meta[1], 8), new ObjectId(meta[3]));
        }

        return tree.Write();
    }

    private async Task<string> RunAsync(string mirror, string index, string[] arguments, CancellationToken cancellationToken)
    {
        var run = new GitRun([$"--git-dir={mirror}", .. arguments], options.Value.DiffTimeout)
        {
            Isolated = true,
            Environment = new Dictionary<string, string> { ["GIT_INDEX_FILE"] = index },
        };
        var result = await git.RunAsync(run, cancellationToken);
        return result.Succeeded
            ? Encoding.UTF8.GetString(result.Output)
            : throw new RepositoryException(
                $"The delivered patch cannot be applied again: {(result.TimedOut ? $"git took longer than {run.Limit}" : result.Reason)}.", isTransient: result.TimedOut);
    }
}
