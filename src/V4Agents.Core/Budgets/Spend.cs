namespace V4Agents.Core.Budgets;

/// <summary>What a task has used. Unconfirmed is the bound on calls whose outcome a crash hid: counted against the budget, shown apart.</summary>
public sealed record Spend(Usage Usage, decimal ConfirmedUsd, decimal UnconfirmedUsd, int Calls)
{
    public static readonly Spend None = new(Usage.None, 0, 0, 0);

    public decimal TotalUsd => ConfirmedUsd + UnconfirmedUsd;

    public Spend Add(Usage usage, decimal usd) => new(Usage + usage, ConfirmedUsd + usd, UnconfirmedUsd, Calls + 1);

    public Spend AddUnconfirmed(decimal usd) => this with { UnconfirmedUsd = UnconfirmedUsd + usd, Calls = Calls + 1 };
}
