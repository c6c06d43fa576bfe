namespace V4Agents.Core.Budgets;

/// <summary>Prices in USD per million tokens that hold for one model at one instant, and the price-book edition they come from.</summary>
public sealed record Tariff(string Book, string Window, decimal HitPerMillion, decimal MissPerMillion, decimal OutputPerMillion)
{
    public decimal Cost(Usage usage) =>
        (usage.CacheHit * HitPerMillion + usage.CacheMiss * MissPerMillion + usage.Output * OutputPerMillion) / 1_000_000m;
}
