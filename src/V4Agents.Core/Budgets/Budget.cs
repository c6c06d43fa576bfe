namespace V4Agents.Core.Budgets;

/// <summary>What a task may use. Wall time counts from submission.</summary>
public sealed record Budget(int Steps, decimal Usd, TimeSpan WallTime)
{
    /// <summary>Null while something is left of everything, else the limit that is reached, in words for a person.</summary>
    public string? Exhausted(int steps, Spend spend, TimeSpan elapsed)
    {
        if (steps >= Steps)
        {
            return $"the budget of {Steps} steps is used up";
        }

        if (spend.TotalUsd >= Usd)
        {
            return FormattableString.Invariant($"the budget of ${Usd:0.00##} is used up (${spend.TotalUsd:0.0000} spent)");
        }

        return elapsed >= WallTime ? $"the budget of {WallTime} wall time is used up" : null;
    }

    public decimal LeftUsd(Spend spend) => Math.Max(0, Usd - spend.TotalUsd);
}
