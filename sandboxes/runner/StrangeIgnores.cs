using System.Text;

namespace V4Agents.Runner;

/// <summary>The .gitignore files that the checkpoint does not have. They could hide other files, and themselves, from being removed and from being saved.</summary>
internal static class StrangeIgnores
{
    private const string Name = ".gitignore";

    /// <summary>Those in directories that the checkpoint's own rules ignore, and in repositories inside, stay: they hide nothing that would be seen.</summary>
    public static async Task RemoveAsync()
    {
        // As Latin-1 every name is a string and comes back as the same bytes.
        var found = Names(await OwnProcesses.ReadAsync(
            "find", Layout.WorkTree, "-path", Layout.WorkTree + "/.git", "-prune", "-o", "-name", Name, "!", "-type", "d", "-printf", "%P\\0"));
        var known = found.Count == 0 ? [] : Names(await Git.RunAsync("ls-files", "-z", "--cached", "--")).ToHashSet();
        var strange = found.Where(path => !known.Contains(path) && !IsInRepository(path)).GroupBy(path => path.Count(c => c == '/'));

        // From the top, so that those of the checkpoint alone speak about the directories below.
        foreach (var level in strange.OrderBy(level => level.Key))
        {
            var directories = level.Select(DirectoryOf).Where(directory => directory.Length > 0).ToList();
            var ignored = directories.Count == 0 ? [] : Names((await Git.TryAsync(Layout.ShadowGit, Bytes(directories), "check-ignore", "-z", "--stdin")).Output);
            await OwnProcesses.OnEachAsync(
                Bytes(level.Where(path => !ignored.Contains(DirectoryOf(path))).Select(path => Layout.WorkTree + "/" + path)), "rm", "-f");
        }
    }

    private static string DirectoryOf(string path) => path[..Math.Max(path.LastIndexOf('/'), 0)];

    private static bool IsInRepository(string path)
    {
        for (var directory = DirectoryOf(path); directory.Length > 0; directory = DirectoryOf(directory))
        {
            if (Path.Exists(Path.Combine(Layout.WorkTree, Encoding.UTF8.GetString(Encoding.Latin1.GetBytes(directory)), ".git")))
            {
                return true;
            }
        }

        return false;
    }

    private static List<string> Names(byte[] ended) => [.. ShadowIndex.Paths(ended).Select(Encoding.Latin1.GetString)];

    private static byte[] Bytes(IEnumerable<string> names) => Encoding.Latin1.GetBytes(string.Concat(names.Select(name => name + "\0")));
}
