namespace V4Agents.Core.Repositories;

/// <param name="Address">Where the task's repository came from.</param>
/// <param name="Parent">The commit the patch was made against.</param>
/// <param name="Tree">The patched tree, which <see cref="IRepositories.BuildPatchAsync"/> left in the mirror.</param>
/// <param name="Diff">The delivered patch: a mirror that has lost the tree makes it again from these bytes.</param>
/// <param name="Branch">Without <c>refs/heads/</c>.</param>
/// <param name="At">Author and committer time: part of the commit's id, so it comes from the journal.</param>
public sealed record PushRequest(
    RepositoryId Repository, string Address, string Parent, string Tree, ReadOnlyMemory<byte> Diff, string Branch, string Message, DateTimeOffset At);
