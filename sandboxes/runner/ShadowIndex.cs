using System.Text;

namespace V4Agents.Runner;

/// <summary>The work tree as the shadow repository sees it: raw bytes, without ignored files and repositories inside.</summary>
internal static class ShadowIndex
{
    private const int GitLink = 0xE000;

    /// <param name="Mode">git's; 0 for a path that is gone.</param>
    public readonly record struct Change(byte[] Path, int Mode, string Blob);

    /// <param name="seed">The seeded tree: its paths are taken also where a .gitignore names them.</param>
    public static async Task TakeAsync(string seed)
    {
        await using var tree = await OpenTree.OpenAsync();
        await AddAsync();

        // git leaves the file in the index that was where a pipe is now.
        await UpdateAsync(tree.Pipes, "--force-remove");
        var gone = Paths(await Git.RunAsync("diff-index", "--cached", "--name-only", "--no-renames", "--diff-filter=D", "-z", seed, "--"));
        await UpdateAsync([.. gone.Where(path => Posix.IsFileOrLink(Layout.WorkTree, path))], "--add", "--remove", "--replace");
    }

    public static List<byte[]> Paths(byte[] ended)
    {
        var paths = new List<byte[]>();
        for (var rest = ended.AsSpan(); !rest.IsEmpty;)
        {
            var end = rest.IndexOf((byte)0);
            paths.Add(rest[..end].ToArray());
            rest = rest[(end + 1)..];
        }

        return paths;
    }

    private static async Task UpdateAsync(IReadOnlyCollection<byte[]> paths, params string[] how)
    {
        if (paths.Count > 0)
        {
            await Git.RunOnAsync(Layout.ShadowGit, paths.SelectMany(path => (byte[])[.. path, 0]).ToArray(), ["update-index", .. how, "-z", "--stdin"]);
        }
    }

    private static async Task AddAsync()
    {
        for (var attempt = 1; ; attempt++)
        {
            var (exit, _, errors) = await Git.TryAsync(Layout.ShadowGit, default, "add", "--all", "--ignore-errors", ".");
            var serious = errors.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(line => !IsHarmless(line)).ToList();
            if (exit is 0 or 1 && serious.Count == 0)
            {
                return;
            }

            // A file that something in the background removes or changes meanwhile is another one at the second look.
            if (attempt == 2 || errors.Contains("No space left on device", StringComparison.Ordinal))
            {
                throw Git.Failure(string.Join('\n', serious.Count > 0 ? serious : [errors]));
            }
        }
    }

    /// <summary>How the index differs from a commit or tree. A repository inside the work tree would be in it as a mere pointer: it is left out.</summary>
    public static async Task<List<Change>> ChangesAsync(string since)
    {
        var changes = await DiffAsync(since);
        var links = changes.Where(change => change.Mode == GitLink).Select(link => link.Path).ToList();
        if (links.Count == 0)
        {
            return changes;
        }

        await UpdateAsync(links, "--force-remove");
        return await DiffAsync(since);
    }

    public static async Task<string> TreeAsync() => Git.Line(await Git.RunAsync("write-tree"));

    private static async Task<List<Change>> DiffAsync(string since) =>
        Parse(await Git.RunAsync("diff-index", "--cached", "--raw", "--no-renames", "--no-abbrev", "-z", since, "--"));

    // An inner repository without a commit and a pipe are left out, the rest is taken. What cannot be read would be saved as it was before.
    private static bool IsHarmless(string line) =>
        !line.Contains("Permission denied", StringComparison.Ordinal) && IsKnown(line);

    private static bool IsKnown(string line) =>
        line.StartsWith("warning:", StringComparison.Ordinal) || line.StartsWith("hint:", StringComparison.Ordinal)
        || line.Contains("does not have a commit checked out", StringComparison.Ordinal)
        || line.Contains("can only add regular files", StringComparison.Ordinal)
        || line.Contains("unable to index file", StringComparison.Ordinal)
        || line.Contains("adding files failed", StringComparison.Ordinal);

    /// <summary><c>:oldmode newmode oldid newid status NUL path NUL</c>, repeated.</summary>
    private static List<Change> Parse(byte[] raw)
    {
        var changes = new List<Change>();
        for (var rest = raw.AsSpan(); !rest.IsEmpty;)
        {
            var end = rest.IndexOf((byte)0);
            var fields = Encoding.ASCII.GetString(rest[1..end]).Split(' ');
            rest = rest[(end + 1)..];
            end = rest.IndexOf((byte)0);
            changes.Add(new Change(rest[..end].ToArray(), Convert.ToInt32(fields[1], 8), fields[3]));
            rest = rest[(end + 1)..];
        }

        return changes;
    }
}
