using System.Text;
using LibGit2Sharp;

namespace V4Agents.Git.Patches;

/// <summary>Where a symbolic link of a tree leads, followed the way a file system would, through other links of the tree.</summary>
internal static class LinkTarget
{
    private const int MaxLinks = 40;
    private const int MaxBytes = 4095;

    /// <summary>Null when the link stays in the tree, else what is wrong with it.</summary>
    public static string? Problem(Repository repository, EditableTree tree, string link, ReadOnlySpan<byte> target)
    {
        if (target.Length is 0 or > MaxBytes || target.Contains((byte)0))
        {
            return "is a symbolic link without a usable target";
        }

        var at = new List<string>(link.Split('/')[..^1]);
        var rest = new Stack<string>();
        var problem = Push(rest, Encoding.UTF8.GetString(target));
        for (var links = 0; problem is null && rest.TryPop(out var name);)
        {
            if (name == "..")
            {
                if (at.Count == 0)
                {
                    return "is a symbolic link that leads out of the repository";
                }

                at.RemoveAt(at.Count - 1);
                continue;
            }

            at.Add(name);
            if (tree.Find(string.Join('/', at)) is { Mode: Mode.SymbolicLink, Id: { } id })
            {
                if (++links > MaxLinks)
                {
                    // Nothing can be reached through a circle, and no file system follows one.
                    return null;
                }

                at.RemoveAt(at.Count - 1);
                using var content = repository.Lookup<Blob>(id).GetContentStream();
                using var reader = new StreamReader(content, Encoding.UTF8);
                problem = Push(rest, reader.ReadToEnd());
            }
        }

        return problem;
    }

    private static string? Push(Stack<string> rest, string target)
    {
        if (target is ['/' or '\\', ..] or [_, ':', ..])
        {
            return "is a symbolic link to an absolute path";
        }

        // '\\' is part of a name here and a separator on Windows.
        var elsewhere = target.Split('/', '\\');
        if (elsewhere.Any(PatchPath.IsGitDirectory))
        {
            return "is a symbolic link into a '.git' directory";
        }

        if (target.Contains('\\') && elsewhere.Contains(".."))
        {
            return "is a symbolic link that may lead out of the repository on some systems";
        }

        foreach (var name in target.Split('/').Reverse().Where(name => name is not ("" or ".")))
        {
            rest.Push(name);
        }

        return null;
    }
}
