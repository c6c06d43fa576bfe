using LibGit2Sharp;

namespace V4Agents.Git.Trees;

/// <summary>One entry of a tree at any depth, with <c>/</c> between the components of its path.</summary>
internal readonly record struct TreeWalk(string Path, Mode Mode, ObjectId Id)
{
    /// <summary>Every entry, directories before what is in them. Order within a directory is git's.</summary>
    public static IEnumerable<TreeWalk> Of(Tree root)
    {
        var pending = new Stack<(Tree Tree, string Prefix)>([(root, "")]);
        while (pending.TryPop(out var next))
        {
            foreach (var entry in next.Tree)
            {
                var path = next.Prefix + entry.Name;
                if (entry.Mode == Mode.Directory)
                {
                    pending.Push(((Tree)entry.Target, path + "/"));
                }

                yield return new TreeWalk(path, entry.Mode, entry.TargetId());
            }
        }
    }

    /// <summary>
    /// Whether another git that is given these paths and modes by text and tar arrives at the same tree id: not so with submodules, with
    /// group-writable modes of old, or with names that are no UTF-8.
    /// </summary>
    public static bool IsReproducible(Tree root) =>
        Of(root).All(entry => entry.Mode is not (Mode.GitLink or Mode.NonExecutableGroupWritableFile) && !entry.Path.Contains('\uFFFD'));
}
