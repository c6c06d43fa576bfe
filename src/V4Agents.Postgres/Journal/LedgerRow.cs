using NpgsqlTypes;
using V4Agents.Core.Budgets;
using V4Agents.Core.Conversations;
using V4Agents.Core.Tasks;

namespace V4Agents.Postgres.Journal;

/// <summary>The money side of an event: what a model call that ended cost, or may have cost.</summary>
/// <param name="Model">Null for an interrupted call, which no model answered: the row takes the one that was asked for.</param>
internal sealed record LedgerRow(
    TaskId Task, long Seq, CallId Call, ModelRole Role, string? Model, Usage Usage, decimal? CostUsd, string? TariffWindow, string? PriceBook,
    decimal UnconfirmedUsd, DateTimeOffset At)
{
    public static readonly RowShape<LedgerRow> Shape = new(
        ("task_id", NpgsqlDbType.Text, row => row.Task.Value),
        ("seq", NpgsqlDbType.Bigint, row => row.Seq),
        ("step", NpgsqlDbType.Integer, row => row.Call.Step),
        ("attempt", NpgsqlDbType.Integer, row => row.Call.Attempt),
        ("role", NpgsqlDbType.Text, row => EnumText<ModelRole>.Of(row.Role)),
        ("cache_hit", NpgsqlDbType.Bigint, row => row.Usage.CacheHit),
        ("cache_miss", NpgsqlDbType.Bigint, row => row.Usage.CacheMiss),
        ("reasoning", NpgsqlDbType.Bigint, row => row.Usage.Reasoning),
        ("output", NpgsqlDbType.Bigint, row => row.Usage.Output),
        ("cost_usd", NpgsqlDbType.Numeric, row => row.CostUsd),
        ("tariff_window", NpgsqlDbType.Text, row => row.TariffWindow),
        ("price_book", NpgsqlDbType.Text, row => row.PriceBook),
        ("unconfirmed_usd", NpgsqlDbType.Numeric, row => row.UnconfirmedUsd),
        ("at", NpgsqlDbType.TimestampTz, row => row.At),
        ("model", NpgsqlDbType.Text, row => row.Model));

    /// <summary>Null for an event that costs nothing.</summary>
    /// <param name="appended">The events that are appended together: the call's start may be among them, where a query does not see it yet.</param>
    public static LedgerRow? Of(TaskId task, long seq, TaskEvent e, IReadOnlyList<TaskEvent> appended) => e switch
    {
        TaskEvent.ModelCallCompleted c =>
            new LedgerRow(task, seq, c.Call, c.Role, c.ServedModel, c.Usage, c.CostUsd, c.TariffWindow, c.PriceBook, UnconfirmedUsd: 0, c.At),
        TaskEvent.ModelCallInterrupted i => new LedgerRow(
            task, seq, i.Call, i.Role, appended.OfType<TaskEvent.ModelCallStarted>().LastOrDefault(started => started.Call == i.Call)?.Model, Usage.None,
            CostUsd: null, TariffWindow: null, PriceBook: null, i.UnconfirmedUsd, i.At),
        _ => null,
    };
}
