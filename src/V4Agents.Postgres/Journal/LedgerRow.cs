using Npgsql;
using V4Agents.Core.Budgets;
using V4Agents.Core.Conversations;
using V4Agents.Core.Tasks;

namespace V4Agents.Postgres.Journal;

/// <summary>The money side of an event: what a model call that ended cost, or may have cost.</summary>
internal sealed record LedgerRow(
    long Seq, CallId Call, ModelRole Role, string? Model, Usage Usage, decimal? CostUsd, string? TariffWindow, string? PriceBook, decimal UnconfirmedUsd,
    DateTimeOffset At)
{
    /// <summary>Null for an event that costs nothing. An interrupted call has no served model: the row takes the one that was asked for.</summary>
    public static LedgerRow? Of(long seq, TaskEvent e) => e switch
    {
        TaskEvent.ModelCallCompleted c =>
            new LedgerRow(seq, c.Call, c.Role, c.ServedModel, c.Usage, c.CostUsd, c.TariffWindow, c.PriceBook, UnconfirmedUsd: 0, c.At),
        TaskEvent.ModelCallInterrupted i =>
            new LedgerRow(seq, i.Call, i.Role, Model: null, Usage.None, CostUsd: null, TariffWindow: null, PriceBook: null, i.UnconfirmedUsd, i.At),
        _ => null,
    };

    /// <summary>Runs after the events of the same transaction are inserted: the call's start may be among them.</summary>
    public NpgsqlBatchCommand Insert(TaskId task) => new("""
        INSERT INTO ledger (
            task_id, seq, step, attempt, role, cache_hit, cache_miss, reasoning, output, cost_usd, tariff_window, price_book, unconfirmed_usd, at, model)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, coalesce($15, (
            SELECT payload ->> 'model' FROM task_events
            WHERE task_id = $1 AND kind = 'model_call.started'
                AND (payload -> 'call' ->> 'step')::integer = $3 AND (payload -> 'call' ->> 'attempt')::integer = $4
            ORDER BY seq DESC LIMIT 1)))
        """)
    {
        Parameters =
        {
            Parameter.Of(task.Value),
            Parameter.Of(Seq),
            Parameter.Of(Call.Step),
            Parameter.Of(Call.Attempt),
            Parameter.Of(EnumText<ModelRole>.Of(Role)),
            Parameter.Of(Usage.CacheHit),
            Parameter.Of(Usage.CacheMiss),
            Parameter.Of(Usage.Reasoning),
            Parameter.Of(Usage.Output),
            Parameter.Of(CostUsd),
            Parameter.Of(TariffWindow),
            Parameter.Of(PriceBook),
            Parameter.Of(UnconfirmedUsd),
            Parameter.Of(At),
            Parameter.Of(Model),
        },
    };
}
