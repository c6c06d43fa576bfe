using Npgsql;
using NpgsqlTypes;
using V4Agents.Core.Tasks;
using V4Agents.Postgres.Journal;

namespace V4Agents.Postgres.Projections;

/// <summary>A task's summary as a row: one column per field, in one order for writing and reading.</summary>
internal static class SummaryRow
{
    public static readonly RowShape<TaskSummary> Shape = new(
        ("id", NpgsqlDbType.Text, s => s.Id.Value),
        ("seq", NpgsqlDbType.Bigint, s => s.Seq),
        ("tenant", NpgsqlDbType.Text, s => s.Tenant),
        ("title", NpgsqlDbType.Text, s => s.Title),
        ("repository", NpgsqlDbType.Text, s => s.Repository),
        ("ref", NpgsqlDbType.Text, s => s.Ref),
        ("commit", NpgsqlDbType.Text, s => s.Commit),
        ("workflow", NpgsqlDbType.Text, s => s.Workflow),
        ("activity", NpgsqlDbType.Text, s => s.Activity),
        ("outcome", NpgsqlDbType.Text, s => s.Outcome is { } outcome ? EnumText<TaskOutcome>.Of(outcome) : null),
        ("failure", NpgsqlDbType.Text, s => s.Failure is { } failure ? EnumText<FailureCode>.Of(failure) : null),
        ("message", NpgsqlDbType.Text, s => s.Message),
        ("steps", NpgsqlDbType.Integer, s => s.Steps),
        ("prompt_tokens", NpgsqlDbType.Bigint, s => s.PromptTokens),
        ("cache_hit_tokens", NpgsqlDbType.Bigint, s => s.CacheHitTokens),
        ("output_tokens", NpgsqlDbType.Bigint, s => s.OutputTokens),
        ("cost_usd", NpgsqlDbType.Numeric, s => s.CostUsd),
        ("unconfirmed_usd", NpgsqlDbType.Numeric, s => s.UnconfirmedUsd),
        ("patch_files", NpgsqlDbType.Integer, s => s.PatchFiles),
        ("patch_additions", NpgsqlDbType.Integer, s => s.PatchAdditions),
        ("patch_deletions", NpgsqlDbType.Integer, s => s.PatchDeletions),
        ("checks_passed", NpgsqlDbType.Integer, s => s.ChecksPassed),
        ("checks", NpgsqlDbType.Integer, s => s.Checks),
        ("cancel_requested", NpgsqlDbType.Boolean, s => s.CancelRequested),
        ("finished", NpgsqlDbType.Boolean, s => s.Finished),
        ("submitted_at", NpgsqlDbType.TimestampTz, s => s.SubmittedAt),
        ("updated_at", NpgsqlDbType.TimestampTz, s => s.UpdatedAt));

    public static string Columns => Shape.List;

    /// <summary>An older summary never replaces a newer one.</summary>
    public static string OnConflict { get; } = $"""
        ON CONFLICT (id) DO UPDATE SET {string.Join(", ", Shape.Names.Skip(1).Select(name => $"{name} = excluded.{name}"))}
        WHERE tasks.seq < excluded.seq
        """;

    public static string UpsertSql { get; } = $"INSERT INTO tasks ({Shape.List}) SELECT {Shape.Placeholders(1)} {OnConflict}";

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
