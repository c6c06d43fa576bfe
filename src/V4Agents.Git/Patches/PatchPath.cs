using System.Text;
using V4Agents.Core.Sandboxing;

namespace V4Agents.Git.Patches;

/// <summary>What a sandbox may call a path of a patch. It decides what is written on other people's machines, so every spelling counts.</summary>
internal static class PatchPath
{
    private const int MaxBytes = 4_000;

    /// <summary>Characters that HFS+ ignores in names.</summary>
    private static readonly HashSet<int> Ignorable =
        [0x200c, 0x200d, 0x200e, 0x200f, 0x202a, 0x202b, 0x202c, 0x202d, 0x202e, 0x206a, 0x206b, 0x206c, 0x206d, 0x206e, 0x206f, 0xfeff];

    /// <summary>Null when the change may be part of a patch.</summary>
    public static string? Problem(WorkspaceChange change)
    {
        var path = change.Path;
        if (path.Length == 0 || Encoding.UTF8.GetByteCount(path) > MaxBytes || path.Contains('\0', StringComparison.Ordinal))
        {
            return $"the path '{Shown(path)}' is empty, too long or holds a NUL";
        }

        if (path[0] == '/' || path.Split('/').Any(part => part is "" or "." or ".."))
        {
            return $"the path '{Shown(path)}' is not a plain relative path";
        }

        if (path.Split('/', '\\').Any(IsGitDirectory))
        {
            return $"the path '{Shown(path)}' goes into a git directory";
        }

        return change.Entry == WorkspaceEntry.Symlink ? LinkProblem(path, Encoding.UTF8.GetString(change.Content.Span)) : null;
    }

    private static string? LinkProblem(string path, string target)
    {
        if (target.Length == 0 || target[0] is '/' or '\\' || target.Contains(':', StringComparison.Ordinal))
        {
            return $"the link '{Shown(path)}' points to '{Shown(target)}', which is not a relative path";
        }

        if (Path.GetFileName(path) is ".gitmodules" or ".gitattributes" or ".gitignore")
        {
            return $"'{Shown(path)}' must not be a link";
        }

        var depth = path.Count(c => c == '/');
        foreach (var part in target.Split('/', '\\'))
        {
            depth += part switch { "" or "." => 0, ".." => -1, _ => 1 };
            if (depth < 0 || IsGitDirectory(part))
            {
                return $"the link '{Shown(path)}' points to '{Shown(target)}', which leaves the work tree or enters a git directory";
            }
        }

        return null;
    }

    /// <summary><c>.git</c> as any of the common file systems reads it.</summary>
    private static bool IsGitDirectory(string part)
    {
        var name = string.Concat(part.EnumerateRunes().Where(rune => !Ignorable.Contains(rune.Value)).Select(rune => rune.ToString()));
        var stream = name.IndexOf(':', StringComparison.Ordinal);
        name = (stream >= 0 ? name[..stream] : name).TrimEnd('.', ' ');
        return name.Equals(".git", StringComparison.OrdinalIgnoreCase) || name.Equals("git~1", StringComparison.OrdinalIgnoreCase);
    }

    private static string Shown(string text)
    {
        var line = string.Concat(text.Select(c => char.IsControl(c) ? '�' : c));
        return line.Length <= 200 ? line : line[..200] + "…";
    }
}
