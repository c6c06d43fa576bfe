using V4Agents.Chaos.World;

namespace V4Agents.Chaos.Soak;

/// <summary>Where every submitted task stands, from the database.</summary>
internal sealed record Progress(IReadOnlyList<Progress.Row> Tasks)
{
    /// <param name="Calls">Completed tool calls.</param>
    public sealed record Row(string Id, string Name, string Activity, bool Finished, string? Outcome, string? Message, long Calls);

    public int InFlight => Tasks.Count(task => !task.Finished);

    public long Calls => Tasks.Sum(task => task.Calls);

    public static async Task<Progress> ReadAsync(Database database, CancellationToken cancellationToken) => new(await database.QueryAsync(
        """
        SELECT id, title, activity, finished, outcome, message,
            (SELECT count(*) FROM task_events AS e WHERE e.task_id = t.id AND e.kind = 'tool_call.completed')
        FROM tasks AS t ORDER BY title
        """,
        row => new Row(
            row.GetString(0), row.GetString(1), row.GetString(2), row.GetBoolean(3), row.IsDBNull(4) ? null : row.GetString(4),
            row.IsDBNull(5) ? null : row.GetString(5), row.GetInt64(6)),
        cancellationToken));
}
