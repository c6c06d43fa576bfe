using System.Text;

namespace V4Agents.Runner;

/// <summary>Brings the work tree to a checkpoint, from whatever state a call that was cut short has left it in.</summary>
internal static class Restoration
{
    // Each round can uncover files that a .gitignore of the interrupted call had hidden.
    private const int Rounds = 5;

    public readonly record struct Saved(string Tree, string Commit);

    /// <summary>Lines of tree and commit, oldest first.</summary>
    public static List<Saved> Parse(ReadOnlySpan<byte> chain)
    {
        var saved = new List<Saved>();
        foreach (var line in Encoding.ASCII.GetString(chain).Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            saved.Add(line.Split(' ') is [var tree, var commit] && IsId(tree) && IsId(commit)
                ? new Saved(tree, commit)
                : throw new RequestException($"'{line}' does not name a checkpoint."));
        }

        return saved;
    }

    public static bool IsId(string text) => text.Length == 40 && text.All(char.IsAsciiHexDigitLower);

    /// <param name="fetch">Asks for the bundle at an index of the chain.</param>
    public static async Task<string> RunAsync(string seedTree, IReadOnlyList<Saved> chain, Func<int, Task<ReadOnlyMemory<byte>>> fetch)
    {
        await CompleteAsync(seedTree, chain, fetch);
        var goal = chain.Count > 0 ? chain[^1] : new Saved(seedTree, await ShadowRepository.SeedCommitAsync(seedTree));
        var tree = await ShadowRepository.TreeOfAsync(goal.Commit);
        if (tree != goal.Tree)
        {
            throw new DamageException($"Checkpoint {goal.Commit} holds the tree {tree}, not {goal.Tree}.");
        }

        ShadowRepository.Keep(goal.Commit);
        await ClearTheWayAsync();
        for (var round = 1; ; round++)
        {
            await CheckOutAsync(goal.Commit);
            await ShadowIndex.TakeAsync(seedTree);
            var rest = await ShadowIndex.ChangesAsync(goal.Commit);
            if (rest.Count == 0)
            {
                var restored = await ShadowIndex.TreeAsync();
                return restored == goal.Tree ? restored : throw new DamageException($"The work tree was restored to {restored}, not to {goal.Tree}.");
            }

            if (round == Rounds)
            {
                throw new DamageException(
                    $"The work tree could not be restored: {rest.Count} files differ from the checkpoint, '{Encoding.UTF8.GetString(rest[0].Path)}' for one.");
            }
        }
    }

    /// <summary>Fetches what the shadow repository lacks; when what it has is damaged, everything.</summary>
    private static async Task CompleteAsync(string seedTree, IReadOnlyList<Saved> chain, Func<int, Task<ReadOnlyMemory<byte>>> fetch)
    {
        try
        {
            await FetchAsync(chain, await MissingAsync(chain), fetch);
            if (await ShadowRepository.IsWholeAsync(await GoalAsync()))
            {
                return;
            }
        }
        catch (RequestException e) when (!e.IsDiskFull)
        {
            Console.Error.WriteLine($"The shadow repository is damaged and made again: {e.Message}");
        }

        await ShadowRepository.RemakeAsync(seedTree);
        await FetchAsync(chain, Enumerable.Range(0, chain.Count), fetch);
        if (!await ShadowRepository.IsWholeAsync(await GoalAsync()))
        {
            throw new DamageException("The checkpoints do not connect to each other and to the seeded files.");
        }

        async Task<string> GoalAsync() => chain.Count > 0 ? chain[^1].Commit : await ShadowRepository.SeedCommitAsync(seedTree);
    }

    private static async Task FetchAsync(IReadOnlyList<Saved> chain, IEnumerable<int> indices, Func<int, Task<ReadOnlyMemory<byte>>> fetch)
    {
        foreach (var index in indices)
        {
            await Bundle.UnpackAsync(await fetch(index), chain[index].Commit);
        }
    }

    private static async Task<List<int>> MissingAsync(IReadOnlyList<Saved> chain)
    {
        if (chain.Count == 0)
        {
            return [];
        }

        var names = Encoding.ASCII.GetBytes(string.Concat(chain.Select(saved => saved.Commit + "\n")));
        var found = Encoding.ASCII.GetString(await Git.RunOnAsync(Layout.ShadowGit, names, "cat-file", "--batch-check=%(objecttype)"))
            .Split('\n', StringSplitOptions.RemoveEmptyEntries);
        return [.. Enumerable.Range(0, chain.Count).Where(i => i >= found.Length || found[i] != "commit")];
    }

    /// <summary>What git would stumble over or not see: directories that their owner cannot write, pipes and sockets; and the locks of a git that was killed.</summary>
    private static async Task ClearTheWayAsync()
    {
        await OwnProcesses.RunAsync("find", Layout.WorkTree, "-type", "d", "!", "-perm", "-700", "-exec", "chmod", "u+rwx", "{}", ";");
        await OwnProcesses.RunAsync(
            "find", Layout.WorkTree, "-path", Path.Combine(Layout.WorkTree, ".git"), "-prune", "-o", "-type", "p,s", "-exec", "rm", "-f", "{}", "+");
        var git = Path.Combine(Layout.WorkTree, ".git");
        await OwnProcesses.RunAsync("find", git, "-path", Path.Combine(git, "objects"), "-prune", "-o", "-type", "f", "-name", "*.lock", "-delete");
    }

    /// <summary>
    /// Files first, so that the checkpoint's own .gitignore files say what may be removed. git follows no symbolic link on the way to a file: one
    /// that took a directory's place is replaced. Ignored files, repositories inside and the model's own .git are not touched.
    /// </summary>
    private static async Task CheckOutAsync(string commit)
    {
        var (exit, _, errors) = await Git.TryAsync(Layout.ShadowGit, default, "read-tree", "--reset", "-u", commit);
        if (exit != 0)
        {
            // An index that cannot be read says nothing about the files; without it all of them are written.
            File.Delete(Path.Combine(Layout.ShadowGit, "index"));
            ShadowRepository.Unlock();
            (exit, _, errors) = await Git.TryAsync(Layout.ShadowGit, default, "read-tree", "--reset", "-u", commit);
        }

        if (exit != 0)
        {
            throw Git.Failure(errors);
        }

        await StrangeIgnores.RemoveAsync();
        await Git.TryAsync(Layout.ShadowGit, default, "clean", "-f", "-d", "-q");
    }
}
