using Npgsql;
using NpgsqlTypes;
using V4Agents.Core.Journal;
using V4Agents.Core.Tasks;
using V4Agents.Postgres.Projections;

namespace V4Agents.Postgres.Journal;

/// <summary>The beginning of a fork's journal. The events do not leave the server.</summary>
internal static class Fork
{
    private const string CopyEventsSql = """
        INSERT INTO task_events (task_id, seq, kind, version, payload, at)
        SELECT $1, seq, kind, version, payload, at FROM task_events WHERE task_id = $2 AND seq <= $3
        """;

    private const string CopyCheckpointsSql = """
        INSERT INTO workspace_checkpoints (task_id, seq, tree, commit, bundle, bundle_bytes, at)
        SELECT $1, seq, tree, commit, bundle, bundle_bytes, at FROM workspace_checkpoints WHERE task_id = $2 AND seq <= $3
        """;

    private const string InsertEventSql = "INSERT INTO task_events (task_id, seq, kind, version, payload, at) VALUES ($1, $2, $3, $4, $5, $6)";

    public static async Task WriteAsync(
        NpgsqlDataSource database, TaskId source, long upTo, TaskEvent.Forked forked, TaskSummary summary, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(upTo, 1);
        var fork = new PendingAppend(forked.Task, upTo, [forked], summary);
        var committing = false;
        try
        {
            await using var connection = await database.OpenConnectionAsync(cancellationToken);
            await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
            await using var copy = new NpgsqlCommand(CopyEventsSql, connection, transaction)
            {
                Parameters = { Parameter.Of(fork.Task.Value), Parameter.Of(source.Value), Parameter.Of(upTo) },
            };
            var copied = await copy.ExecuteNonQueryAsync(cancellationToken);
            if (copied != upTo)
            {
                throw new JournalException(
                    JournalFault.Unreadable,
                    $"Task {source} cannot be forked after event {upTo}: the journal holds {copied} of the events up to there. Name an event that it has.");
            }

            await using var rest = new NpgsqlBatch(connection, transaction)
            {
                BatchCommands = { Copy(CopyCheckpointsSql, fork, source), Event(fork), Summary(fork), Notification(fork) },
            };
            await rest.ExecuteNonQueryAsync(cancellationToken);

            // Not cancellable: giving up here would leave the outcome unknown for no reason.
            committing = true;
            await transaction.CommitAsync(CancellationToken.None);
        }
        catch (NpgsqlException e) when (committing)
        {
            throw Faults.OutcomeUnknown(e);
        }
        catch (PostgresException e) when (e is { SqlState: PostgresErrorCodes.UniqueViolation, TableName: "task_events" })
        {
            throw new JournalException(JournalFault.Conflict, $"The fork {fork.Task} has begun already.", e);
        }
        catch (NpgsqlException e) when (Faults.IsUnavailable(e))
        {
            throw Faults.Unavailable(e);
        }
    }

    private static NpgsqlBatchCommand Copy(string sql, PendingAppend fork, TaskId source) =>
        new(sql) { Parameters = { Parameter.Of(fork.Task.Value), Parameter.Of(source.Value), Parameter.Of(fork.ExpectedSeq) } };

    private static NpgsqlBatchCommand Event(PendingAppend fork)
    {
        var row = fork.Events[0];
        return new NpgsqlBatchCommand(InsertEventSql)
        {
            Parameters =
            {
                Parameter.Of(fork.Task.Value),
                Parameter.Of(row.Seq),
                Parameter.Of(row.Kind),
                Parameter.Of(row.Version),
                new NpgsqlParameter { NpgsqlDbType = NpgsqlDbType.Jsonb, Value = row.Payload },
                Parameter.Of(row.At),
            },
        };
    }

    private static NpgsqlBatchCommand Summary(PendingAppend fork)
    {
        var upsert = new NpgsqlBatchCommand(SummaryRow.UpsertSql);
        SummaryRow.Shape.AddTo(upsert.Parameters, fork.Summary);
        return upsert;
    }

    private static NpgsqlBatchCommand Notification(PendingAppend fork) =>
        new("SELECT pg_notify($1, $2)") { Parameters = { Parameter.Of(TaskJournal.Channel), Parameter.Of($"{fork.Task} {TaskJournal.Writer}") } };
}
