using Npgsql;
using V4Agents.Core.Tasks;
using V4Agents.Postgres.Journal;

namespace V4Agents.Postgres.Projections;

/// <summary>A task's summary as a row: one column per field, in one order for writing and reading.</summary>
internal static class SummaryRow
{
    public static readonly RowShape<TaskSummary> Shape = new(
        ("id", "text", s => s.Id.Value),
        ("seq", "bigint", s => s.Seq),
        ("tenant", "text", s => s.Tenant),
        ("title", "text", s => s.Title),
        ("repository", "text", s => s.Repository),
        ("ref", "text", s => s.Ref),
        ("commit", "text", s => s.Commit),
        ("workflow", "text", s => s.Workflow),
        ("activity", "text", s => s.Activity),
        ("outcome", "text", s => s.Outcome is { } outcome ? EnumText<TaskOutcome>.Of(outcome) : null),
        ("failure", "text", s => s.Failure is { } failure ? EnumText<FailureCode>.Of(failure) : null),
        ("message", "text", s => s.Message),
        ("steps", "integer", s => s.Steps),
        ("prompt_tokens", "bigint", s => s.PromptTokens),
        ("cache_hit_tokens", "bigint", s => s.CacheHitTokens),
        ("output_tokens", "bigint", s => s.OutputTokens),
        ("cost_usd", "numeric", s => s.CostUsd),
        ("unconfirmed_usd", "numeric", s => s.UnconfirmedUsd),
        ("patch_files", "integer", s => s.PatchFiles),
        ("patch_additions", "integer", s => s.PatchAdditions),
        ("patch_deletions", "integer", s => s.PatchDeletions),
        ("checks_passed", "integer", s => s.ChecksPassed),
        ("checks", "integer", s => s.Checks),
        ("cancel_requested", "boolean", s => s.CancelRequested),
        ("finished", "boolean", s => s.Finished),
        ("submitted_at", "timestamptz", s => s.SubmittedAt),
        ("updated_at", "timestamptz", s => s.UpdatedAt));

    public static string Columns => Shape.List;

    /// <summary>An older summary never replaces a newer one.</summary>
    public static string OnConflict { get; } = $"""
        ON CONFLICT (id) DO UPDATE SET {string.Join(", ", Shape.Names.Skip(1).Select(name => $"{name} = excluded.{name}"))}
        WHERE tasks.seq < excluded.seq
        """;

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
}
