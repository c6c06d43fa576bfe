using System.Text;
using V4Agents.Core.Sandboxing;

namespace V4Agents.TestKit.Git;

/// <summary>What an honest sandbox would say of a work tree.</summary>
public static class WorkTreeSnapshot
{
    public static WorkspaceSnapshot Of(TempRepository repository, string commit)
    {
        repository.Git("add", "--all", "--force");
        var tree = repository.Git("write-tree");
        var raw = TempRepository.RunIn(repository.Directory, input: null, "diff-tree", "-r", "-z", "--no-renames", commit, tree);
        var fields = Encoding.UTF8.GetString(raw).Split('\0', StringSplitOptions.RemoveEmptyEntries);
        var changes = fields.Chunk(2).Select(pair => Change(repository, pair[0].Split(' '), pair[1])).ToList();
        return new WorkspaceSnapshot(tree, changes);
    }

    /// <param name="meta">Old mode, new mode, old blob, new blob, status.</param>
    private static WorkspaceChange Change(TempRepository repository, string[] meta, string path)
    {
        var entry = meta[1] switch
        {
            "000000" => WorkspaceEntry.Deleted,
            "100755" => WorkspaceEntry.Executable,
            "120000" => WorkspaceEntry.Symlink,
            _ => WorkspaceEntry.File,
        };
        return new(path, entry, entry == WorkspaceEntry.Deleted ? default : TempRepository.RunIn(repository.Directory, null, "cat-file", "blob", meta[3]));
    }
}
