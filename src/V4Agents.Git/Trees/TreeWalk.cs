using LibGit2Sharp;
using V4Agents.Core.Repositories;

namespace V4Agents.Git.Trees;

/// <summary>One entry of a tree at any depth, with <c>/</c> between the components of its path.</summary>
internal readonly record struct TreeWalk(string Path, Mode Mode, ObjectId Id)
{
    /// <summary>A few kilobytes of trees that name each other can spell out billions of paths.</summary>
    private const int MaxEntries = 500_000;

    /// <summary>Every entry, directories before what is in them. Order within a directory is git's.</summary>
    /// <exception cref="RepositoryException">The tree has more entries than a sandbox could hold.</exception>
    public static IEnumerable<TreeWalk> Of(Tree root)
    {
        var seen = 0;
        var pending = new Stack<(Tree Tree, string Prefix)>([(root, "")]);
        while (pending.TryPop(out var next))
        {
            foreach (var entry in next.Tree)
            {
                if (++seen > MaxEntries)
                {
                    throw new RepositoryException($"The commit has more than {MaxEntries} files and folders, which is not supported.", isTransient: false);
                }

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
