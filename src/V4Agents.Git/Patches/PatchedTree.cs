using LibGit2Sharp;
using V4Agents.Core.Repositories;
using V4Agents.Core.Sandboxing;
using V4Agents.Git.Trees;

namespace V4Agents.Git.Patches;

/// <summary>
/// A commit's tree with a sandbox's changes in it. Nothing the sandbox says is trusted: each path and link is checked, and the result must
/// be the tree that the sandbox itself computed. Workflow files of a CI are allowed; whoever delivers a patch decides about them.
/// </summary>
internal static class PatchedTree
{
    public static (ObjectId? Tree, string? Refused) Build(Repository repository, Tree root, WorkspaceSnapshot snapshot, PatchLimits limits)
    {
        if ((Excess(snapshot, limits) ?? Unfit(snapshot.Changes)) is { } unfit)
        {
            return (null, unfit);
        }

        var tree = new EditableTree(repository, root);
        foreach (var change in snapshot.Changes.Where(change => change.Entry == WorkspaceEntry.Deleted))
        {
            tree.Remove(change.Path);
        }

        var kept = snapshot.Changes.Where(change => change.Entry != WorkspaceEntry.Deleted).ToList();
        foreach (var change in kept)
        {
            // Asked before anything is put: what a link was must not decide where a file goes.
            if (Misplaced(tree, change.Path) is { } misplaced)
            {
                return (null, misplaced);
            }
        }

        foreach (var change in kept)
        {
            using var content = new MemoryStream(change.Content.ToArray(), writable: false);
            tree.Put(change.Path, ModeOf(change.Entry), repository.ObjectDatabase.CreateBlob(content).Id);
        }

        foreach (var link in kept.Where(change => change.Entry == WorkspaceEntry.Symlink))
        {
            if (LinkTarget.Problem(repository, tree, link.Path, link.Content.Span) is { } problem)
            {
                return (null, $"{Quote(link.Path)} {problem}.");
            }
        }

        try
        {
            var id = tree.Write();
            return id.Sha == snapshot.Tree || !TreeWalk.IsReproducible(root)
                ? (id, null)
                : (null, "The work tree changed while it was read, or it holds something that was not reported: its tree is not what its changes give.");
        }
        catch (InvalidOperationException e)
        {
            return (null, e.Message);
        }
    }

    private static string? Excess(WorkspaceSnapshot snapshot, PatchLimits limits)
    {
        var bytes = snapshot.Changes.Sum(change => (long)change.Content.Length);
        return snapshot.Changes.Count > limits.Files ? $"{snapshot.Changes.Count:N0} files changed; a patch may change {limits.Files:N0}."
            : bytes > limits.Bytes ? $"The changed files hold {bytes:N0} bytes; a patch may hold {limits.Bytes:N0}."
            : null;
    }

    private static string? Unfit(IReadOnlyList<WorkspaceChange> changes)
    {
        var present = new HashSet<string>(StringComparer.Ordinal);
        var all = new HashSet<string>(StringComparer.Ordinal);
        foreach (var change in changes)
        {
            if (PatchPath.Problem(change.Path) is { } problem)
            {
                return $"{Quote(change.Path)} {problem}.";
            }

            if (!all.Add(change.Path))
            {
                return $"{Quote(change.Path)} is reported twice.";
            }

            if (change.Entry != WorkspaceEntry.Deleted)
            {
                present.Add(change.Path);
            }
        }

        var torn = present.FirstOrDefault(path => Above(path).Any(present.Contains));
        return torn is null ? null : $"{Quote(torn)} is reported below something that is reported not to be a directory.";
    }

    private static string? Misplaced(EditableTree tree, string path)
    {
        var (at, mode) = tree.Obstacle(path) ?? (path, tree.Find(path)?.Mode ?? Mode.Nonexistent);
        return mode == Mode.GitLink ? $"{Quote(path)} is in or at the submodule {Quote(at)}; submodules cannot be changed."
            : mode == Mode.SymbolicLink && at != path ? $"{Quote(path)} is below the symbolic link {Quote(at)}."
            : null;
    }

    private static IEnumerable<string> Above(string path)
    {
        for (var end = path.LastIndexOf('/'); end > 0; end = path.LastIndexOf('/', end - 1))
        {
            yield return path[..end];
        }
    }

    private static Mode ModeOf(WorkspaceEntry entry) => entry switch
    {
        WorkspaceEntry.Executable => Mode.ExecutableFile,
        WorkspaceEntry.Symlink => Mode.SymbolicLink,
        _ => Mode.NonExecutableFile,
    };

    /// <summary>For a message of one line, whatever the path holds.</summary>
    private static string Quote(string path)
    {
        var shown = string.Concat(path.Take(200).Select(c => char.IsControl(c) || char.IsSurrogate(c) || c is >= '\u200b' and <= '\u206f' ? '?' : c));
        return $"'{shown}{(path.Length > 200 ? "…" : "")}'";
    }
}
