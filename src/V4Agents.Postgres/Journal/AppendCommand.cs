using System.Collections.Concurrent;
using Npgsql;
using NpgsqlTypes;
using V4Agents.Core.Tasks;
using V4Agents.Postgres.Projections;

namespace V4Agents.Postgres.Journal;

/// <summary>
/// A group of appends as one statement, which is a transaction and a round trip. An append whose task does not end at the expected event takes no part
/// in it: the condition refuses a wrong idea of the last event in either direction, before it could leave a gap. Two writers that both pass it meet at
/// the primary key, and the whole statement of the second fails.
/// </summary>
internal static class AppendCommand
{
    private static readonly ConcurrentDictionary<(bool Ledger, bool Checkpoints), string> Texts = new();

    /// <summary>Yields the ids of the tasks that took their events.</summary>
    /// <param name="group">At most one append of each task.</param>
    public static NpgsqlCommand For(IReadOnlyList<PendingAppend> group)
    {
        var rows = group.SelectMany(append => append.Events.Select(row => (append.Task, Row: row))).ToList();
        var ledger = group.SelectMany(append => append.Ledger).ToList();
        var checkpoints = group.SelectMany(append => append.Checkpoints).ToList();
        var command = new NpgsqlCommand(Texts.GetOrAdd((ledger.Count > 0, checkpoints.Count > 0), static shape => Text(shape.Ledger, shape.Checkpoints)))
        {
            Parameters =
            {
                Array(NpgsqlDbType.Text, group.Select(append => append.Task.Value)),
                Array(NpgsqlDbType.Bigint, group.Select(append => append.ExpectedSeq)),
                Array(NpgsqlDbType.Text, rows.Select(row => row.Task.Value)),
                Array(NpgsqlDbType.Bigint, rows.Select(row => row.Row.Seq)),
                Array(NpgsqlDbType.Text, rows.Select(row => row.Row.Kind)),
                Array(NpgsqlDbType.Integer, rows.Select(row => row.Row.Version)),
                Array(NpgsqlDbType.Jsonb, rows.Select(row => row.Row.Payload)),
                Array(NpgsqlDbType.TimestampTz, rows.Select(row => row.Row.At)),
                Document(group.Select(append => append.Summary)),
            },
        };
        foreach (var documents in new[] { ledger, checkpoints }.Where(documents => documents.Count > 0))
        {
            command.Parameters.Add(Document(documents));
        }

        return command;
    }

    /// <summary>The rows of an insert into <c>tasks</c> from a JSON document.</summary>
    public static string UpsertSummaries(string document, string condition) => $"""
        INSERT INTO tasks ({SummaryRow.Columns})
        SELECT {SummaryRow.Columns} FROM json_to_recordset({document}) AS summary ({SummaryRow.Shape.Definition}) {condition}
        {SummaryRow.OnConflict}
        """;

    public static NpgsqlParameter Document(IEnumerable<string> rows) => new() { NpgsqlDbType = NpgsqlDbType.Json, Value = $"[{string.Join(',', rows)}]" };

    /// <summary>Parts that have no rows are left out: each costs time even when it has nothing to do.</summary>
    private static string Text(bool ledger, bool checkpoints) => $"""
        WITH applied AS MATERIALIZED (
            SELECT append.task_id FROM unnest($1, $2) AS append (task_id, expected)
            WHERE expected = (SELECT coalesce(max(seq), 0) FROM task_events WHERE task_events.task_id = append.task_id)
        ), new_events AS (
            INSERT INTO task_events (task_id, seq, kind, version, payload, at)
            SELECT task_id, seq, kind, version, payload, at
            FROM unnest($3, $4, $5, $6, $7, $8) AS event (task_id, seq, kind, version, payload, at) JOIN applied USING (task_id)
        ), new_summaries AS (
            {UpsertSummaries("$9", "JOIN applied ON applied.task_id = summary.id")}
        ){(ledger ? LedgerText("$10") : "")}{(checkpoints ? CheckpointsText(ledger ? "$11" : "$10") : "")}
        SELECT task_id, pg_notify('{TaskJournal.Channel}', task_id) FROM applied
        """;

    private static string LedgerText(string document) => $"""
        , new_ledger AS (
            INSERT INTO ledger ({LedgerRow.Shape.List})
            SELECT {string.Join(", ", LedgerRow.Shape.Names.Select(name => name == "model" ? "coalesce(cost.model, asked.model)" : $"cost.{name}"))}
            FROM json_to_recordset({document}) AS cost ({LedgerRow.Shape.Definition}) JOIN applied USING (task_id)
            LEFT JOIN LATERAL (
                SELECT payload ->> 'model' AS model FROM task_events
                WHERE cost.model IS NULL AND task_id = cost.task_id AND kind = 'model_call.started'
                    AND (payload -> 'call' ->> 'step')::integer = cost.step AND (payload -> 'call' ->> 'attempt')::integer = cost.attempt
                ORDER BY seq DESC LIMIT 1) AS asked ON true
        )
        """;

    private static string CheckpointsText(string document) => $"""
        , new_checkpoints AS (
            INSERT INTO workspace_checkpoints ({CheckpointRow.Shape.List})
            SELECT {CheckpointRow.Shape.List} FROM json_to_recordset({document}) AS saved ({CheckpointRow.Shape.Definition}) JOIN applied USING (task_id)
        )
        """;

    private static NpgsqlParameter Array<T>(NpgsqlDbType type, IEnumerable<T> values) =>
        new() { NpgsqlDbType = NpgsqlDbType.Array | type, Value = values.ToArray() };
}
