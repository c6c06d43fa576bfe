using NpgsqlTypes;
using V4Agents.Core.Tasks;
using V4Agents.Postgres.Journal;

namespace V4Agents.Postgres.Projections;

/// <summary>A saved state of a task's work tree as a row.</summary>
internal sealed record CheckpointRow(TaskId Task, long Seq, TaskEvent.WorkspaceCheckpointed Event)
{
    public static readonly RowShape<CheckpointRow> Shape = new(
        ("task_id", NpgsqlDbType.Text, row => row.Task.Value),
        ("seq", NpgsqlDbType.Bigint, row => row.Seq),
        ("tree", NpgsqlDbType.Text, row => row.Event.Tree),
        ("commit", NpgsqlDbType.Text, row => row.Event.Commit),
        ("bundle", NpgsqlDbType.Text, row => row.Event.Bundle.Value),
        ("bundle_bytes", NpgsqlDbType.Bigint, row => row.Event.BundleBytes),
        ("at", NpgsqlDbType.TimestampTz, row => row.Event.At));
}
