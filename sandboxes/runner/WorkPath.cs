using System.Runtime.InteropServices;

namespace V4Agents.Runner;

/// <summary>Paths as the model says them, resolved as the kernel would.</summary>
internal static partial class WorkPath
{
    /// <summary>Anything the user may read.</summary>
    public static string ForReading(string path) => Path.GetFullPath(path, Layout.WorkTree);

    /// <summary>The real path behind all symbolic links, which must lie in the work tree; what does not exist yet is below a directory that does.</summary>
    public static string ForWriting(string path)
    {
        var full = Path.GetFullPath(path, Layout.WorkTree);
        var existing = full;
        while (!Exists(existing))
        {
            existing = Path.GetDirectoryName(existing) ?? "/";
        }

        var real = RealPath(existing) ?? throw new ToolException($"'{path}' goes through a symbolic link whose target does not exist.");
        var resolved = existing == full ? real : Path.Combine(real, Path.GetRelativePath(existing, full));
        if (!resolved.StartsWith(Layout.WorkTree + "/", StringComparison.Ordinal))
        {
            throw new ToolException($"The argument 'path' must lie in {Layout.WorkTree}; '{path}' is {resolved}.");
        }

        if (Directory.Exists(resolved))
        {
            throw new ToolException($"'{path}' is a directory.");
        }

        return resolved;
    }

    /// <summary>Puts the new content in the file's place in one step; an existing file keeps its mode.</summary>
    public static void Replace(string path, ReadOnlySpan<byte> content, CancellationToken cancellationToken)
    {
        var draft = Path.Combine(Path.GetDirectoryName(path) ?? "/", $".v4-{Guid.NewGuid():N}.tmp");
        try
        {
            using (var file = new FileStream(draft, FileMode.CreateNew, FileAccess.Write))
            {
                file.Write(content);
            }

            if (File.Exists(path))
            {
                File.SetUnixFileMode(draft, File.GetUnixFileMode(path));
            }

            cancellationToken.ThrowIfCancellationRequested();
            File.Move(draft, path, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or OperationCanceledException)
        {
            File.Delete(draft);
            throw;
        }
    }

    // A dangling link exists too: following it must fail instead of creating a file beside it.
    private static bool Exists(string path) => Path.Exists(path) || new FileInfo(path).LinkTarget is not null;

    private static string? RealPath(string path)
    {
        var buffer = RealPath(path, 0);
        if (buffer == 0)
        {
            return null;
        }

        var real = Marshal.PtrToStringUTF8(buffer);
        Free(buffer);
        return real;
    }

    [LibraryImport("libc", EntryPoint = "realpath", StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint RealPath(string path, nint buffer);

    [LibraryImport("libc", EntryPoint = "free")]
    private static partial void Free(nint buffer);
}
