using LibGit2Sharp;
using V4Agents.Core.Sandboxing;

namespace V4Agents.Git.Trees;

/// <summary>A tree's entries with their full paths.</summary>
internal static class TreeFiles
{
    /// <summary>Directories before what is in them; files, links and submodules as they come.</summary>
    public static IEnumerable<(string Path, TreeEntry Entry)> Walk(Tree tree, string prefix = "")
    {
        foreach (var entry in tree)
        {
            var path = prefix + entry.Name;
            yield return (path, entry);
            if (entry.TargetType == TreeEntryTargetType.Tree)
            {
                foreach (var inner in Walk((Tree)entry.Target, path + "/"))
                {
                    yield return inner;
                }
            }
        }
    }

    public static WorkspaceEntry KindOf(Mode mode) => mode switch
    {
        Mode.SymbolicLink => WorkspaceEntry.Symlink,
        Mode.ExecutableFile => WorkspaceEntry.Executable,
        _ => WorkspaceEntry.File,
    };
}
