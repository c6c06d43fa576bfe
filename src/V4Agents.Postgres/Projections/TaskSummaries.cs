using Npgsql;
using V4Agents.Core.Journal;
using V4Agents.Core.Tasks;
using V4Agents.Postgres.Journal;

namespace V4Agents.Postgres.Projections;

/// <summary>Reads of the <c>tasks</c> table, and waiting for the journal to grow.</summary>
internal sealed class TaskSummaries(NpgsqlDataSource database, TaskEventListener listener, TimeProvider time) : ITaskSummaries
{
    /// <summary>Whoever waits looks again this often, whatever became of the notification.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(5);

    public async Task<TaskSummary?> FindAsync(TaskId task, CancellationToken cancellationToken)
    {
        var found = await QueryAsync(
            $"SELECT {SummaryRow.Columns} FROM tasks WHERE id = $1", [Parameter.Of(task.Value)], SummaryRow.Read, cancellationToken);
        return found.SingleOrDefault();
    }

    public async Task<IReadOnlyList<TaskSummary>> ListAsync(string tenant, TaskId? before, int limit, CancellationToken cancellationToken)
    {
        var older = before is null ? "" : "AND (submitted_at, id) < (SELECT submitted_at, id FROM tasks WHERE id = $3 AND tenant = $1)";
        return await QueryAsync(
            $"SELECT {SummaryRow.Columns} FROM tasks WHERE tenant = $1 {older} ORDER BY submitted_at DESC, id DESC LIMIT $2",
            before is { } cursor
                ? [Parameter.Of(tenant), Parameter.Of(limit), Parameter.Of(cursor.Value)]
                : [Parameter.Of(tenant), Parameter.Of(limit)],
            SummaryRow.Read,
            cancellationToken);
    }

    public async Task<IReadOnlyList<TaskId>> UnfinishedAsync(CancellationToken cancellationToken) =>
        await QueryAsync(
            "SELECT id FROM tasks WHERE NOT finished ORDER BY submitted_at", [], row => new TaskId(row.GetString(0)), cancellationToken);

    public async Task<IReadOnlyList<TaskSummary>> ListUnfinishedAsync(CancellationToken cancellationToken) => await QueryAsync(
        $"SELECT {SummaryRow.Columns} FROM tasks WHERE NOT finished ORDER BY submitted_at, id", [], SummaryRow.Read, cancellationToken);

    public async Task WaitAsync(TaskId task, long afterSeq, CancellationToken cancellationToken)
    {
        // Subscribed before looking: an event committed in between completes the subscription.
        using var subscription = listener.Subscribe(task);
        var news = await QueryAsync(
            "SELECT EXISTS (SELECT FROM task_events WHERE task_id = $1 AND seq > $2)",
            [Parameter.Of(task.Value), Parameter.Of(afterSeq)],
            row => row.GetBoolean(0),
            cancellationToken);
        if (news is [true])
        {
            return;
        }

        try
        {
            await subscription.Woken.WaitAsync(LongestWait, time, cancellationToken);
        }
        catch (TimeoutException)
        {
            // Nothing heard. The caller reads again, as it does after a notification.
        }
    }

    private Task<List<T>> QueryAsync<T>(string sql, NpgsqlParameter[] parameters, Func<NpgsqlDataReader, T> read, CancellationToken cancellationToken) =>
        Faults.GuardAsync(async () =>
        {
            await using var command = database.CreateCommand(sql);
            command.Parameters.AddRange(parameters);
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            var rows = new List<T>();
            while (await reader.ReadAsync(cancellationToken))
            {
                rows.Add(read(reader));
            }

            return rows;
        });
}
