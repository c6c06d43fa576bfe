namespace V4Agents.Core.Conversations;

/// <summary>One call. Messages only ever grow at the end, so that each request's bytes begin with the previous request's.</summary>
/// <param name="MaxTokens">Bound on reasoning and answer together.</param>
public sealed record ModelRequest(
    ModelRole Role,
    IReadOnlyList<ChatMessage> Messages,
    IReadOnlyList<ToolDefinition> Tools,
    int MaxTokens)
{
    /// <summary>
    /// Names the call for good: an answer that arrived whole under this key is kept until it is forgotten, so that a service that died before
    /// recording it need not pay again. Letters, digits, <c>-</c> and <c>.</c>; null keeps nothing.
    /// </summary>
    public string? Key { get; init; }

    /// <summary>Model and effort to use instead of those that are configured for the role; null for the configured ones.</summary>
    public ModelProfile? Profile { get; init; }
}
