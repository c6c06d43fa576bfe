namespace V4Agents.Core.Budgets;

/// <summary>Tokens of one model call as the server counted them. <see cref="Output"/> includes <see cref="Reasoning"/>.</summary>
public sealed record Usage(long CacheHit, long CacheMiss, long Output, long Reasoning)
{
    public static readonly Usage None = new(0, 0, 0, 0);

    public long Prompt => CacheHit + CacheMiss;

    public static Usage operator +(Usage a, Usage b) =>
        new(a.CacheHit + b.CacheHit, a.CacheMiss + b.CacheMiss, a.Output + b.Output, a.Reasoning + b.Reasoning);
}
