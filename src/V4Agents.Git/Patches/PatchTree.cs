using LibGit2Sharp;
using V4Agents.Core.Repositories;
using V4Agents.Core.Sandboxing;
using V4Agents.Git.Trees;

namespace V4Agents.Git.Patches;

/// <summary>From a commit and a sandbox's changes to a tree in the mirror.</summary>
internal static class PatchTree
{
    /// <summary>Null when the changes may become a patch.</summary>
    public static string? Problem(IReadOnlyList<WorkspaceChange> changes, PatchLimits limits)
    {
        if (changes.Count > limits.Files)
        {
            return $"{changes.Count} files differ; {limits.Files} are allowed. Build results that are not ignored are a common cause";
        }

        if (changes.Sum(change => (long)change.Content.Length) is var bytes && bytes > limits.Bytes)
        {
            return $"the changed files have {bytes} bytes; {limits.Bytes} are allowed";
        }

        return changes.Select(PatchPath.Problem).FirstOrDefault(problem => problem is not null);
    }

    public static Tree Build(Repository mirror, Commit commit, IReadOnlyList<WorkspaceChange> changes)
    {
        var definition = TreeDefinition.From(commit.Tree);
        // Deletions first: a file may have become a directory, or the other way round.
        foreach (var change in changes.Where(change => change.Entry == WorkspaceEntry.Deleted))
        {
            definition.Remove(change.Path);
        }

        foreach (var change in changes.Where(change => change.Entry != WorkspaceEntry.Deleted))
        {
            using var content = new MemoryStream(change.Content.ToArray(), writable: false);
            var mode = change.Entry switch
            {
                WorkspaceEntry.Symlink => Mode.SymbolicLink,
                WorkspaceEntry.Executable => Mode.ExecutableFile,
                _ => Mode.NonExecutableFile,
            };
            definition.Add(change.Path, mirror.ObjectDatabase.CreateBlob(content), mode);
        }

        return mirror.ObjectDatabase.CreateTree(definition);
    }

    public static bool HasSubmodules(Commit commit) => TreeFiles.Walk(commit.Tree).Any(item => item.Entry.Mode == Mode.GitLink);
}
