using LibGit2Sharp;

namespace V4Agents.Git.Trees;

internal static class TreeEntryIds
{
    /// <summary>The id alone; the library makes an object for it without reading it.</summary>
    public static ObjectId TargetId(this TreeEntry entry) => entry.Target.Id;
}
