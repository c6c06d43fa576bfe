using System.Text;

namespace V4Agents.Git.Patches;

/// <summary>Paths that a patch may touch: relative, plain, and nothing that any file system could take for git's own files.</summary>
internal static class PatchPath
{
    private const int MaxPathBytes = 4095;
    private const int MaxNameBytes = 255;
    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);

    /// <summary>Null when the path is fine, else what is wrong with it.</summary>
    public static string? Problem(string path)
    {
        if (path.Length == 0 || path.Contains('\0') || !IsUnicode(path))
        {
            return "is empty, or holds characters that no file name can";
        }

        if (path[0] is '/' or '\\' || path is [_, ':', '/' or '\\', ..])
        {
            return "is absolute";
        }

        if (Encoding.UTF8.GetByteCount(path) > MaxPathBytes || path.Split('/').Any(name => Encoding.UTF8.GetByteCount(name) > MaxNameBytes))
        {
            return "is too long";
        }

        // Windows takes '\' for '/': what is one name here must not be a way out there.
        return path.Split('/').Any(name => name is "" or "." or "..") ? "holds '.', '..' or an empty name"
            : path.Split('\\').Any(name => name == "..") || path.Split('/', '\\').Any(name => name == "..") ? "holds '..'"
            : path.Split('/', '\\').Any(IsGitDirectory) ? "is in or at a '.git' directory, in one of the spellings that a file system may take for it"
            : path.Split('/', '\\').Any(IsGitModules) ? "is '.gitmodules': submodules are not part of the work tree, so a change to them cannot be checked"
            : null;
    }

    public static bool IsGitDirectory(string name)
    {
        var folded = Fold(name);
        return folded is ".git" or "git~1";
    }

    private static bool IsGitModules(string name)
    {
        var folded = Fold(name);
        return folded == ".gitmodules"
            || folded is ['g', 'i', 't', 'm', 'o', 'd', '~', >= '1' and <= '9']
            || folded.StartsWith("gi7eb", StringComparison.Ordinal) && folded.Contains('~');
    }

    /// <summary>The name as HFS+ and NTFS compare it: without case, invisible characters, stream names, and spaces and dots at the end.</summary>
    private static string Fold(string name)
    {
        var visible = string.Concat(name.Where(c => !IsIgnorable(c)));
        return visible.Split(':', 2)[0].TrimEnd(' ', '.').ToLowerInvariant();
    }

    private static bool IsIgnorable(char c) =>
        c is >= '\u200c' and <= '\u200f' or >= '\u202a' and <= '\u202e' or >= '\u206a' and <= '\u206f' or '\ufeff';

    private static bool IsUnicode(string path)
    {
        try
        {
            _ = Strict.GetByteCount(path);
            return true;
        }
        catch (EncoderFallbackException)
        {
            return false;
        }
    }
}
