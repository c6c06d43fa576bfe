using Npgsql;
using V4Agents.Core.Tasks;
using V4Agents.Postgres.Journal;

namespace V4Agents.Postgres.Projections;

/// <summary>A task's summary as a row: one column per field, in one order for writing and reading.</summary>
internal static class SummaryRow
{
    public const string Columns =
        "id, seq, tenant, title, repository, ref, commit, workflow, activity, outcome, failure, message, steps, prompt_tokens, cache_hit_tokens, "
        + "output_tokens, cost_usd, unconfirmed_usd, patch_files, patch_additions, patch_deletions, checks_passed, checks, cancel_requested, finished, "
        + "submitted_at, updated_at";

    private static readonly string UpsertSql = MakeUpsert();

    public static NpgsqlBatchCommand Upsert(TaskSummary s) => new(UpsertSql)
    {
        Parameters =
        {
            Parameter.Of(s.Id.Value),
            Parameter.Of(s.Seq),
            Parameter.Of(s.Tenant),
            Parameter.Of(s.Title),
            Parameter.Of(s.Repository),
            Parameter.Of(s.Ref),
            Parameter.Of(s.Commit),
            Parameter.Of(s.Workflow),
            Parameter.Of(s.Activity),
            Parameter.Of(s.Outcome is { } outcome ? EnumText<TaskOutcome>.Of(outcome) : null),
            Parameter.Of(s.Failure is { } failure ? EnumText<FailureCode>.Of(failure) : null),
            Parameter.Of(s.Message),
            Parameter.Of(s.Steps),
            Parameter.Of(s.PromptTokens),
            Parameter.Of(s.CacheHitTokens),
            Parameter.Of(s.OutputTokens),
            Parameter.Of(s.CostUsd),
            Parameter.Of(s.UnconfirmedUsd),
            Parameter.Of(s.PatchFiles),
            Parameter.Of(s.PatchAdditions),
            Parameter.Of(s.PatchDeletions),
            Parameter.Of(s.ChecksPassed),
            Parameter.Of(s.Checks),
            Parameter.Of(s.CancelRequested),
            Parameter.Of(s.Finished),
            Parameter.Of(s.SubmittedAt),
            Parameter.Of(s.UpdatedAt),
        },
    };

    public static TaskSummary Read(NpgsqlDataReader row) => new(
        Id: new TaskId(row.GetString(0)),
        Seq: row.GetInt64(1),
        Tenant: row.GetString(2),
        Title: row.GetString(3),
        Repository: row.GetString(4),
        Ref: Text(row, 5),
        Commit: Text(row, 6),
        Workflow: row.GetString(7),
        Activity: row.GetString(8),
        Outcome: Text(row, 9) is { } outcome ? EnumText<TaskOutcome>.Parse(outcome) : null,
        Failure: Text(row, 10) is { } failure ? EnumText<FailureCode>.Parse(failure) : null,
        Message: Text(row, 11),
        Steps: row.GetInt32(12),
        PromptTokens: row.GetInt64(13),
        CacheHitTokens: row.GetInt64(14),
        OutputTokens: row.GetInt64(15),
        CostUsd: row.GetDecimal(16),
        UnconfirmedUsd: row.GetDecimal(17),
        PatchFiles: row.GetInt32(18),
        PatchAdditions: row.GetInt32(19),
        PatchDeletions: row.GetInt32(20),
        ChecksPassed: row.GetInt32(21),
        Checks: row.GetInt32(22),
        CancelRequested: row.GetBoolean(23),
        Finished: row.GetBoolean(24),
        SubmittedAt: row.GetFieldValue<DateTimeOffset>(25),
        UpdatedAt: row.GetFieldValue<DateTimeOffset>(26));

    private static string? Text(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);

    /// <summary>An older summary never replaces a newer one.</summary>
    private static string MakeUpsert()
    {
        var names = Columns.Split(", ");
        return $"""
            INSERT INTO tasks ({Columns})
            VALUES ({string.Join(", ", names.Select((_, index) => $"${index + 1}"))})
            ON CONFLICT (id) DO UPDATE SET {string.Join(", ", names.Skip(1).Select(name => $"{name} = excluded.{name}"))}
            WHERE tasks.seq < excluded.seq
            """;
    }
}
