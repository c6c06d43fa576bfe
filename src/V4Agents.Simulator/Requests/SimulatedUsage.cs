namespace V4Agents.Simulator.Requests;

/// <summary>Tokens as the answer reports them. <see cref="CompletionTokens"/> includes <see cref="ReasoningTokens"/>.</summary>
public sealed record SimulatedUsage(long PromptTokens, long CacheHitTokens, long CompletionTokens, long ReasoningTokens)
{
    public long CacheMissTokens => PromptTokens - CacheHitTokens;
}
