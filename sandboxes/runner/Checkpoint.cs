using System.Text;

namespace V4Agents.Runner;

/// <summary>A saved state of the work tree.</summary>
/// <param name="Changes">As a bundle since the one before; empty when nothing changed.</param>
internal sealed record Checkpoint(string Tree, string Commit, byte[] Changes)
{
    /// <param name="seed">The seeded tree.</param>
    /// <param name="since">The last checkpoint's commit.</param>
    /// <param name="sinceTree">Its tree.</param>
    public static async Task<Checkpoint> TakeAsync(string seed, string since, string sinceTree)
    {
        await ShadowIndex.TakeAsync(seed);
        var tree = await ShadowIndex.TreeAsync();
        if (tree == sinceTree)
        {
            return new Checkpoint(tree, since, []);
        }

        var changes = await ShadowIndex.ChangesAsync(since);
        if (changes.Count == 0)
        {
            // Repositories inside the work tree were the only difference.
            return new Checkpoint(sinceTree, since, []);
        }

        tree = await ShadowIndex.TreeAsync();
        var commit = await ShadowRepository.CommitAsync(tree, since);
        if (await Bundle.MakeAsync(since, commit) is not { } bundle)
        {
            throw await TooLargeAsync(changes);
        }

        ShadowRepository.Keep(commit, instead: since);
        return new Checkpoint(tree, commit, bundle);
    }

    private static async Task<RequestException> TooLargeAsync(List<ShadowIndex.Change> changes)
    {
        var present = changes.Where(change => change.Mode != 0).ToList();
        var sizes = Encoding.ASCII.GetString(await Git.RunOnAsync(
            Layout.ShadowGit,
            Encoding.ASCII.GetBytes(string.Concat(present.Select(change => change.Blob + "\n"))),
            "cat-file",
            "--batch-check=%(objectsize)")).Split('\n');
        var (largest, size) = present.Zip(sizes, (change, text) => (change.Path, Size: long.TryParse(text, out var number) ? number : 0)).MaxBy(one => one.Size);
        return new RequestException(
            $"The work tree was not saved: what changed since the last checkpoint is larger than {Bundle.MaxBytes >> 20} MiB. The largest file is "
            + $"'{Encoding.UTF8.GetString(largest)}' ({size} bytes). Delete it, move it out of {Layout.WorkTree}, or name it in .gitignore.");
    }
}
