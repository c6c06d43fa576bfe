using System.Formats.Tar;
using System.Text;
using LibGit2Sharp;

namespace V4Agents.Git.Trees;

/// <summary>
/// A tree as a PAX tar: plain headers where they can say everything, extended ones for names that are long or not ASCII. Every directory
/// is named, so that whoever unpacks it gives it the owner meant.
/// </summary>
internal static class TarExport
{
    /// <summary>The user of the sandbox.</summary>
    private const int Owner = 1000;

    private const int PlainNameBytes = 100;
    private const UnixFileMode Readable = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
    private const UnixFileMode Runnable = Readable | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    public static async Task WriteAsync(Repository repository, Commit commit, Stream destination, CancellationToken cancellationToken)
    {
        // Headers are small and many; unbuffered, each would be a write of its own to a socket.
        await using var buffered = new BufferedStream(new KeptOpen(destination), 1024 * 1024);
        await using (var tar = new TarWriter(buffered, TarEntryFormat.Pax, leaveOpen: true))
        {
            foreach (var file in TreeWalk.Of(commit.Tree).OrderBy(entry => entry.Path, StringComparer.Ordinal))
            {
                cancellationToken.ThrowIfCancellationRequested();
                using var blob = file.Mode is Mode.Directory or Mode.GitLink ? null : repository.Lookup<Blob>(file.Id).GetContentStream();
                await tar.WriteEntryAsync(Entry(file, blob, commit.Committer.When), cancellationToken);
            }
        }

        await buffered.FlushAsync(cancellationToken);
    }

    private static TarEntry Entry(TreeWalk file, Stream? blob, DateTimeOffset at)
    {
        var (type, mode) = file.Mode switch
        {
            Mode.Directory or Mode.GitLink => (TarEntryType.Directory, Runnable),
            Mode.SymbolicLink => (TarEntryType.SymbolicLink, Runnable | UnixFileMode.GroupWrite | UnixFileMode.OtherWrite),
            Mode.ExecutableFile => (TarEntryType.RegularFile, Runnable),
            _ => (TarEntryType.RegularFile, Readable),
        };
        var name = type == TarEntryType.Directory ? file.Path + "/" : file.Path;
        var target = type == TarEntryType.SymbolicLink ? Text(blob!) : null; // Only directories come without one.
        PosixTarEntry entry = IsPlain(name) && (target is null || IsPlain(target)) ? new UstarTarEntry(type, name) : new PaxTarEntry(type, name);
        (entry.Mode, entry.Uid, entry.Gid, entry.ModificationTime) = (mode, Owner, Owner, at);
        if (target is not null)
        {
            entry.LinkName = target;
        }
        else if (type == TarEntryType.RegularFile)
        {
            entry.DataStream = blob;
        }

        return entry;
    }

    private static bool IsPlain(string text) => text.Length < PlainNameBytes && Ascii.IsValid(text) && !text.Any(char.IsControl);

    private static string Text(Stream blob)
    {
        using var reader = new StreamReader(blob, new UTF8Encoding(false), detectEncodingFromByteOrderMarks: false);
        return reader.ReadToEnd();
    }
}
