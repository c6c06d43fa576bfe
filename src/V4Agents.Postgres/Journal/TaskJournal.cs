using Npgsql;
using NpgsqlTypes;
using V4Agents.Core.Journal;
using V4Agents.Core.Tasks;
using V4Agents.Postgres.Projections;

namespace V4Agents.Postgres.Journal;

/// <summary>Events, summary, ledger and the notification of readers in one transaction.</summary>
internal sealed class TaskJournal(NpgsqlDataSource database) : ITaskJournal
{
    /// <summary>Who is notified hears the task's id.</summary>
    public const string Channel = "task_events";

    /// <summary>
    /// The condition refuses a writer whose idea of the last event is wrong in either direction, before it could leave a gap. Two writers that both
    /// pass it meet at the primary key.
    /// </summary>
    private const string InsertEventsSql = """
        INSERT INTO task_events (task_id, seq, kind, version, payload, at)
        SELECT $1, $2 + place, kind, version, payload, at
        FROM unnest($3, $4, $5, $6) WITH ORDINALITY AS event (kind, version, payload, at, place)
        WHERE $2 = (SELECT coalesce(max(seq), 0) FROM task_events WHERE task_id = $1)
        """;

    public Task<IReadOnlyList<JournalEntry>> ReadAsync(TaskId task, long afterSeq, CancellationToken cancellationToken) =>
        Faults.GuardAsync<IReadOnlyList<JournalEntry>>(async () =>
        {
            await using var command = database.CreateCommand(
                "SELECT seq, kind, version, payload FROM task_events WHERE task_id = $1 AND seq > $2 ORDER BY seq");
            command.Parameters.Add(Parameter.Of(task.Value));
            command.Parameters.Add(Parameter.Of(afterSeq));
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            var entries = new List<JournalEntry>();
            while (await reader.ReadAsync(cancellationToken))
            {
                entries.Add(new JournalEntry(reader.GetInt64(0), EventCodec.Decode(reader.GetString(1), reader.GetInt32(2), reader.GetString(3))));
            }

            return entries;
        });

    public async Task AppendAsync(
        TaskId task, long expectedSeq, IReadOnlyList<TaskEvent> events, TaskSummary summary, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfZero(events.Count, nameof(events));
        var committing = false;
        try
        {
            await using var connection = await database.OpenConnectionAsync(cancellationToken);
            await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
            await using var insert = InsertEvents(task, expectedSeq, events);
            (insert.Connection, insert.Transaction) = (connection, transaction);
            if (await insert.ExecuteNonQueryAsync(cancellationToken) == 0)
            {
                throw Conflict(task, expectedSeq, inner: null);
            }

            await using var batch = new NpgsqlBatch(connection, transaction);
            AddConsequences(batch.BatchCommands, task, expectedSeq, events, summary);
            await batch.ExecuteNonQueryAsync(cancellationToken);

            // Not cancellable: giving up here would leave the outcome unknown for no reason.
            committing = true;
            await transaction.CommitAsync(CancellationToken.None);
        }
        catch (NpgsqlException e) when (committing)
        {
            throw new JournalException(
                JournalFault.OutcomeUnknown,
                $"The database connection broke while events of task {task} were committed: {e.Message}. Whether they are stored is known after reading again.",
                e);
        }
        catch (PostgresException e) when (e is { SqlState: PostgresErrorCodes.UniqueViolation, TableName: "task_events" })
        {
            throw Conflict(task, expectedSeq, e);
        }
        catch (NpgsqlException e) when (Faults.IsUnavailable(e))
        {
            throw Faults.Unavailable(e);
        }
    }

    public Task ForkAsync(TaskId source, long upTo, TaskEvent.Forked forked, TaskSummary summary, CancellationToken cancellationToken) =>
        throw new NotImplementedException();

    private static NpgsqlCommand InsertEvents(TaskId task, long expectedSeq, IReadOnlyList<TaskEvent> events)
    {
        var names = events.Select(EventCodec.NameOf).ToArray();
        return new NpgsqlCommand(InsertEventsSql)
        {
            Parameters =
            {
                Parameter.Of(task.Value),
                Parameter.Of(expectedSeq),
                Array(NpgsqlDbType.Text, names.Select(name => name.Kind)),
                Array(NpgsqlDbType.Integer, names.Select(name => name.Version)),
                Array(NpgsqlDbType.Jsonb, events.Select(e => StorableText.Json(EventCodec.Encode(e)))),
                Array(NpgsqlDbType.TimestampTz, events.Select(e => e.At.ToUniversalTime())),
            },
        };
    }

    private static void AddConsequences(
        NpgsqlBatchCommandCollection commands, TaskId task, long expectedSeq, IReadOnlyList<TaskEvent> events, TaskSummary summary)
    {
        commands.Add(SummaryRow.Upsert(summary));
        foreach (var row in events.Select((e, index) => LedgerRow.Of(expectedSeq + index + 1, e)).OfType<LedgerRow>())
        {
            commands.Add(row.Insert(task));
        }

        commands.Add(new NpgsqlBatchCommand("SELECT pg_notify($1, $2)") { Parameters = { Parameter.Of(Channel), Parameter.Of(task.Value) } });
    }

    private static NpgsqlParameter Array<T>(NpgsqlDbType type, IEnumerable<T> values) =>
        new() { NpgsqlDbType = NpgsqlDbType.Array | type, Value = values.ToArray() };

    private static JournalException Conflict(TaskId task, long expectedSeq, Exception? inner) =>
        new(JournalFault.Conflict, $"Event {expectedSeq} is not the last of task {task}: another writer owns the task.", inner);
}
