namespace V4Agents.Core.Conversations;

/// <summary>One call. Messages only ever grow at the end, so that each request's bytes begin with the previous request's.</summary>
/// <param name="MaxTokens">Bound on reasoning and answer together.</param>
public sealed record ModelRequest(
    ModelRole Role,
    IReadOnlyList<ChatMessage> Messages,
    IReadOnlyList<ToolDefinition> Tools,
    int MaxTokens);
