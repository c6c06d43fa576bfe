using System.Text;

namespace V4Agents.Runner;

/// <summary>
/// The git directory outside of the work tree: made once from the seeded files, then kept through whatever happens to it. Only its owner uses it,
/// one operation at a time, so a lock file found at the beginning of one was left by a git that was killed.
/// </summary>
internal static class ShadowRepository
{
    // Every attribute that makes git change bytes on their way in or out, put back to "not mentioned".
    private const string RawBytes = "* -text !eol !filter -ident !working-tree-encoding\n";

    // Of 256 folders of loose objects one is counted; this many in it are some 2,000 in all.
    private const int LooseInOneFolder = 8;

    private static readonly string Seed = Path.Combine(Layout.ShadowGit, "refs", "v4", "seed");
    private static readonly string Saved = Path.Combine(Layout.ShadowGit, "refs", "v4", "saved");

    public static string Attributes => Path.Combine(Layout.ShadowGit, "info", "attributes");

    public static async Task CreateAsync()
    {
        await Git.RunAsync("init", "--quiet", "--template=");
        WriteAttributes();
    }

    /// <summary>Made again from the objects in the model's repository, which began with the same ones.</summary>
    /// <exception cref="DamageException">The seeded files are not all there.</exception>
    public static async Task RemakeAsync(string seedTree)
    {
        if (Directory.Exists(Layout.ShadowGit))
        {
            Directory.Delete(Layout.ShadowGit, recursive: true);
        }

        await CreateAsync();
        var objects = Path.Combine(Layout.WorkTree, ".git", "objects");
        if (Directory.Exists(objects))
        {
            await OwnProcesses.RunAsync("cp", "--recursive", "--link", "--no-target-directory", objects, Path.Combine(Layout.ShadowGit, "objects"));
        }

        if (!await IsWholeAsync(seedTree))
        {
            throw new DamageException("The sandbox's record of the files it was seeded with was damaged or deleted, so they cannot be restored here; a new sandbox can.");
        }

        await SeedCommitAsync(seedTree);
    }

    /// <summary>Takes away what a killed git left, and puts back what must be there.</summary>
    public static void Unlock()
    {
        if (!Directory.Exists(Layout.ShadowGit))
        {
            return;
        }

        foreach (var path in (string[])["index.lock", "HEAD.lock", "config.lock", "packed-refs.lock", "shallow.lock"])
        {
            File.Delete(Path.Combine(Layout.ShadowGit, path));
        }

        WriteAttributes();
    }

    /// <summary>The commit of the seeded tree: always the same one for the same tree.</summary>
    public static async Task<string> SeedCommitAsync(string tree)
    {
        if (File.Exists(Seed))
        {
            return (await File.ReadAllTextAsync(Seed)).Trim();
        }

        var commit = Git.Line(await Git.RunAsync("commit-tree", "-m", "seed", tree));
        WriteReference(Seed, commit);
        return commit;
    }

    public static async Task<string> CommitAsync(string tree, string parent) =>
        Git.Line(await Git.RunAsync("commit-tree", "-m", "checkpoint", "-p", parent, tree));

    /// <summary>
    /// From now on the tidying leaves the checkpoint and all before it alone. Each line of checkpoints has a reference of its own: of two who save here
    /// one may be out of date, and which one is not known here.
    /// </summary>
    /// <param name="instead">One that it follows.</param>
    public static void Keep(string commit, string? instead = null)
    {
        WriteReference(Path.Combine(Saved, commit), commit);
        if (instead is not null)
        {
            File.Delete(Path.Combine(Saved, instead));
        }
    }

    /// <summary>Null when the commit is not there.</summary>
    public static async Task<string?> TreeOfAsync(string commit)
    {
        var (exit, output, _) = await Git.TryAsync(Layout.ShadowGit, default, "rev-parse", "--verify", "--quiet", "--end-of-options", commit + "^{tree}");
        return exit == 0 ? Git.Line(output) : null;
    }

    /// <summary>Whether everything that the commit leads to is there.</summary>
    public static async Task<bool> IsWholeAsync(string commit) =>
        (await Git.TryAsync(Layout.ShadowGit, default, "rev-list", "--objects", "--quiet", commit)).Exit == 0;

    public static bool IsUntidy()
    {
        var folder = Path.Combine(Layout.ShadowGit, "objects", "17");
        return Directory.Exists(folder) && Directory.EnumerateFiles(folder).Take(LooseInOneFolder).Count() == LooseInOneFolder;
    }

    /// <summary>Packs what has gathered since the last time, and drops what no checkpoint needs.</summary>
    public static async Task TidyAsync()
    {
        await Git.TryAsync(Layout.ShadowGit, default, "repack", "-d", "-l", "-q");
        await Git.TryAsync(Layout.ShadowGit, default, "prune", "--expire=now");
    }

    private static void WriteAttributes()
    {
        Directory.CreateDirectory(Path.Combine(Layout.ShadowGit, "info"));
        File.WriteAllText(Attributes, RawBytes);
    }

    private static void WriteReference(string path, string commit)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path) ?? "/");
        File.WriteAllText(path + ".draft", commit + "\n", Encoding.ASCII);
        File.Move(path + ".draft", path, overwrite: true);
    }
}
