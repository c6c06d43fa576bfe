using System.Collections.Concurrent;
using System.Text;
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
    /// <summary>An append of one event that has no company: without sets to unpack and join, it takes the server less time.</summary>
    private static readonly string SingleText = $"""
        WITH applied AS MATERIALIZED (
            SELECT $1 AS task_id WHERE $2 = (SELECT coalesce(max(seq), 0) FROM task_events WHERE task_id = $1)
        ), new_events AS (
            INSERT INTO task_events (task_id, seq, kind, version, payload, at) SELECT $1, $2 + 1, $3, $4, $5, $6 FROM applied
        ), new_summaries AS (
            INSERT INTO tasks ({SummaryRow.Shape.List}) SELECT {SummaryRow.Shape.Placeholders(7)} FROM applied {SummaryRow.OnConflict}
        )
        """;

    private static readonly string GroupText = $"""
        WITH applied AS MATERIALIZED (
            SELECT append.task_id FROM unnest($1, $2) AS append (task_id, expected)
            WHERE expected = (SELECT coalesce(max(seq), 0) FROM task_events WHERE task_events.task_id = append.task_id)
        ), new_events AS (
            INSERT INTO task_events (task_id, seq, kind, version, payload, at)
            SELECT task_id, seq, kind, version, payload, at
            FROM unnest($3, $4, $5, $6, $7, $8) AS event (task_id, seq, kind, version, payload, at) JOIN applied USING (task_id)
        ), new_summaries AS (
            INSERT INTO tasks ({SummaryRow.Shape.List})
            SELECT {SummaryRow.Shape.List} FROM json_to_recordset($9) AS summary ({SummaryRow.Shape.Definition}) JOIN applied ON applied.task_id = summary.id
            {SummaryRow.OnConflict}
        )
        """;

    private static readonly ConcurrentDictionary<(bool Single, bool Ledger, bool Checkpoints), string> Texts = new();

    /// <summary>Yields the ids of the tasks that took their events.</summary>
    /// <param name="group">At most one append of each task.</param>
    public static NpgsqlCommand For(IReadOnlyList<PendingAppend> group)
    {
        var command = new NpgsqlCommand();
        var single = group is [{ Events.Count: 1 }];
        if (single)
        {
            AddOne(command.Parameters, group[0]);
        }
        else
        {
            AddAll(command.Parameters, group);
        }

        var first = command.Parameters.Count + 1;
        var documents = new[] { group.SelectMany(append => append.Ledger).ToList(), group.SelectMany(append => append.Checkpoints).ToList() };
        foreach (var document in documents.Where(document => document.Count > 0))
        {
            command.Parameters.Add(Document(document));
        }

        command.CommandText = Texts.GetOrAdd((single, documents[0].Count > 0, documents[1].Count > 0), shape => Text(shape, first));
        return command;
    }

    private static void AddOne(NpgsqlParameterCollection parameters, PendingAppend append)
    {
        var row = append.Events[0];
        parameters.Add(Parameter.Of(append.Task.Value));
        parameters.Add(Parameter.Of(append.ExpectedSeq));
        parameters.Add(Parameter.Of(row.Kind));
        parameters.Add(Parameter.Of(row.Version));
        parameters.Add(new NpgsqlParameter { NpgsqlDbType = NpgsqlDbType.Jsonb, Value = row.Payload });
        parameters.Add(Parameter.Of(row.At));
        SummaryRow.Shape.AddTo(parameters, append.Summary);
    }

    private static void AddAll(NpgsqlParameterCollection parameters, IReadOnlyList<PendingAppend> group)
    {
        var rows = group.SelectMany(append => append.Events.Select(row => (append.Task, Row: row))).ToList();
        parameters.Add(Array(NpgsqlDbType.Text, group.Select(append => append.Task.Value)));
        parameters.Add(Array(NpgsqlDbType.Bigint, group.Select(append => append.ExpectedSeq)));
        parameters.Add(Array(NpgsqlDbType.Text, rows.Select(row => row.Task.Value)));
        parameters.Add(Array(NpgsqlDbType.Bigint, rows.Select(row => row.Row.Seq)));
        parameters.Add(Array(NpgsqlDbType.Text, rows.Select(row => row.Row.Kind)));
        parameters.Add(Array(NpgsqlDbType.Integer, rows.Select(row => row.Row.Version)));
        parameters.Add(Array(NpgsqlDbType.Jsonb, rows.Select(row => row.Row.Payload)));
        parameters.Add(Array(NpgsqlDbType.TimestampTz, rows.Select(row => row.Row.At)));
        parameters.Add(Document(group.Select(append => SummaryRow.Shape.Encode(append.Summary))));
    }

    public static NpgsqlParameter Document(IEnumerable<string> rows) => new() { NpgsqlDbType = NpgsqlDbType.Json, Value = $"[{string.Join(',', rows)}]" };

    /// <summary>Parts that have no rows are left out: each costs time even when it has nothing to do.</summary>
    private static string Text((bool Single, bool Ledger, bool Checkpoints) shape, int next)
    {
        var text = new StringBuilder(shape.Single ? SingleText : GroupText);
        if (shape.Ledger)
        {
            text.Append(LedgerText($"${next++}"));
        }

        if (shape.Checkpoints)
        {
            text.Append(CheckpointsText($"${next}"));
        }

        return text.Append($" SELECT task_id, pg_notify('{TaskJournal.Channel}', task_id || ' {TaskJournal.Writer}') FROM applied").ToString();
    }

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
