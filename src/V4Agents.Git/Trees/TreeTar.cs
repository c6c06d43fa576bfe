using System.Formats.Tar;
using LibGit2Sharp;

namespace V4Agents.Git.Trees;

/// <summary>A commit's tree as a PAX tar: raw bytes, no attributes applied, the same bytes every time. Submodules are empty directories.</summary>
internal static class TreeTar
{
    private const int User = 1000;

    public static async Task WriteAsync(Commit commit, Stream destination, CancellationToken cancellationToken)
    {
        await using var tar = new TarWriter(destination, TarEntryFormat.Pax, leaveOpen: true);
        foreach (var (path, entry) in TreeFiles.Walk(commit.Tree))
        {
            var item = ItemOf(path, entry);
            item.ModificationTime = commit.Committer.When;
            (item.Uid, item.Gid) = (User, User);
            await using var content = item.EntryType == TarEntryType.RegularFile ? ((Blob)entry.Target).GetContentStream() : null;
            if (content is not null)
            {
                item.DataStream = content;
            }

            await tar.WriteEntryAsync(item, cancellationToken);
        }
    }

    private static PaxTarEntry ItemOf(string path, TreeEntry entry) => entry.Mode switch
    {
        Mode.SymbolicLink => new(TarEntryType.SymbolicLink, path) { LinkName = ((Blob)entry.Target).GetContentText() },
        Mode.Directory or Mode.GitLink => new(TarEntryType.Directory, path + "/") { Mode = Permissions | Execute },
        Mode.ExecutableFile => new(TarEntryType.RegularFile, path) { Mode = Permissions | Execute },
        _ => new(TarEntryType.RegularFile, path) { Mode = Permissions },
    };

    private const UnixFileMode Permissions = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    private const UnixFileMode Execute = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
}
