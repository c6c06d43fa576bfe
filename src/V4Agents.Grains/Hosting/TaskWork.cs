using V4Agents.Core.Tasks;

namespace V4Agents.Grains.Hosting;

/// <summary>Whether this silo performs the actions of tasks, or only answers about them.</summary>
/// <param name="Only">The one task it performs; null for all.</param>
internal sealed record TaskWork(bool Enabled, TaskId? Only)
{
    public bool Covers(TaskId task) => Enabled && (Only is null || Only == task);
}
