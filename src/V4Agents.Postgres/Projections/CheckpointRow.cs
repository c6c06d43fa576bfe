using V4Agents.Core.Tasks;
using V4Agents.Postgres.Journal;

namespace V4Agents.Postgres.Projections;

/// <summary>A saved state of a task's work tree as a row.</summary>
internal sealed record CheckpointRow(TaskId Task, long Seq, TaskEvent.WorkspaceCheckpointed Event)
{
    public static readonly RowShape<CheckpointRow> Shape = new(
        ("task_id", "text", row => row.Task.Value),
        ("seq", "bigint", row => row.Seq),
        ("tree", "text", row => row.Event.Tree),
        ("commit", "text", row => row.Event.Commit),
        ("bundle", "text", row => row.Event.Bundle.Value),
        ("bundle_bytes", "bigint", row => row.Event.BundleBytes),
        ("at", "timestamptz", row => row.Event.At));
}
