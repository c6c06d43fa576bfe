using Npgsql;
using V4Agents.Core.Journal;
using V4Agents.Core.Tasks;

namespace V4Agents.Postgres.Journal;

internal static class StoredEvents
{
    /// <summary>
    /// The summary is written with every append, so it knows how long the journal is at least. It is read first: what is committed in between makes the
    /// journal longer than it says, never shorter.
    /// </summary>
    public static async Task<IReadOnlyList<JournalEntry>> ReadAsync(
        NpgsqlDataSource database, TaskId task, long afterSeq, CancellationToken cancellationToken)
    {
        await using var batch = database.CreateBatch();
        batch.BatchCommands.Add(new NpgsqlBatchCommand("SELECT seq FROM tasks WHERE id = $1") { Parameters = { Parameter.Of(task.Value) } });
        batch.BatchCommands.Add(new NpgsqlBatchCommand(
            "SELECT seq, kind, version, payload FROM task_events WHERE task_id = $1 AND seq > $2 ORDER BY seq")
        {
            Parameters = { Parameter.Of(task.Value), Parameter.Of(afterSeq) },
        });
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        var length = await reader.ReadAsync(cancellationToken) ? reader.GetInt64(0) : 0;
        await reader.NextResultAsync(cancellationToken);
        var rows = new List<StoredEvent>();
        while (await reader.ReadAsync(cancellationToken))
        {
            rows.Add(new StoredEvent(reader.GetInt64(0), reader.GetString(1), reader.GetInt32(2), reader.GetString(3)));
        }

        return StoredJournal.Decode(task, afterSeq, length, rows);
    }
}
