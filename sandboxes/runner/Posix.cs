using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace V4Agents.Runner;

/// <summary>What the base class library has no name for.</summary>
internal static partial class Posix
{
    public const int Terminate = 15;
    public const int Kill = 9;
    public const int Continue = 18;
    public const int Halt = 19;

    private const int ReadOnly = 0;
    private const int NonBlocking = 0x800;
    private const int CloseOnExec = 0x80000;
    private const int NoFollow = 0x100;
    private const int WorkingDirectory = -100;
    private const int EmptyPath = 0x1000;
    private const int TypeField = 0x1;
    private const int TypeMask = 0xF000;
    private const int RegularType = 0x8000;
    private const int DirectoryType = 0x4000;
    private const int LinkType = 0xA000;

    [LibraryImport("libc", EntryPoint = "kill")]
    public static partial int Signal(int process, int signal);

    /// <summary>Opens for reading without waiting for anyone, as a pipe without a writer would.</summary>
    public static SafeFileHandle Open(string path)
    {
        var handle = Open(path, ReadOnly | NonBlocking | CloseOnExec);
        return handle >= 0 ? new SafeFileHandle(handle, ownsHandle: true) : throw new IOException(Marshal.GetLastPInvokeErrorMessage(), Marshal.GetLastPInvokeError());
    }

    public static bool IsRegular(SafeFileHandle file)
    {
        // The layout of statx is the same on every processor; its mode is 28 bytes in.
        Span<byte> status = stackalloc byte[256];
        return Status((int)file.DangerousGetHandle(), "", EmptyPath, TypeField, status) == 0
            && (BitConverter.ToUInt16(status[28..]) & TypeMask) == RegularType;
    }

    /// <summary>Whether there is a file or a symbolic link at the end of a path that leads through no other link.</summary>
    /// <param name="path">As bytes, because a name need not be text.</param>
    public static bool IsFileOrLink(string root, ReadOnlySpan<byte> path)
    {
        byte[] full = [.. System.Text.Encoding.UTF8.GetBytes(root + "/"), .. path, 0];
        for (var end = root.Length + 1; end < full.Length - 1; end++)
        {
            if (full[end] == '/')
            {
                full[end] = 0;
                var isDirectory = TypeOf(full) == DirectoryType;
                full[end] = (byte)'/';
                if (!isDirectory)
                {
                    return false;
                }
            }
        }

        return TypeOf(full) is RegularType or LinkType;
    }

    /// <summary>Makes everything that was written to the file system last through a power cut.</summary>
    public static void FlushFileSystem(string path)
    {
        using var directory = Open(path);
        FlushAll((int)directory.DangerousGetHandle());
    }

    /// <summary>Makes a rename in the directory last through a power cut.</summary>
    public static void FlushDirectory(string path)
    {
        using var directory = Open(path);
        Flush((int)directory.DangerousGetHandle());
    }

    private static int TypeOf(ReadOnlySpan<byte> path)
    {
        Span<byte> status = stackalloc byte[256];
        return Status(WorkingDirectory, path, NoFollow, TypeField, status) == 0 ? BitConverter.ToUInt16(status[28..]) & TypeMask : 0;
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Status(int directory, string path, int flags, uint mask, Span<byte> status);

    [LibraryImport("libc", EntryPoint = "statx")]
    private static partial int Status(int directory, ReadOnlySpan<byte> path, int flags, uint mask, Span<byte> status);

    [LibraryImport("libc", EntryPoint = "syncfs")]
    private static partial int FlushAll(int file);

    [LibraryImport("libc", EntryPoint = "fsync")]
    private static partial int Flush(int file);
}
