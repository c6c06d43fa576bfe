using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace V4Agents.Runner;

/// <summary>What the base class library has no name for.</summary>
internal static partial class Posix
{
    public const int Terminate = 15;
    public const int Kill = 9;

    private const int ReadOnly = 0;
    private const int NonBlocking = 0x800;
    private const int CloseOnExec = 0x80000;
    private const int EmptyPath = 0x1000;
    private const int TypeField = 0x1;
    private const int TypeMask = 0xF000;
    private const int RegularType = 0x8000;

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

    /// <summary>Makes a rename in the directory last through a power cut.</summary>
    public static void FlushDirectory(string path)
    {
        using var directory = Open(path);
        Flush((int)directory.DangerousGetHandle());
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Status(int directory, string path, int flags, uint mask, Span<byte> status);

    [LibraryImport("libc", EntryPoint = "fsync")]
    private static partial int Flush(int file);
}
