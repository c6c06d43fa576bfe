namespace V4Agents.Core.Conversations;

/// <summary>Why the model stopped writing, as the server reports it.</summary>
public enum FinishReason
{
    Stop,
    ToolCalls,
    Length,
    ContentFilter,
    InsufficientSystemResource,
    Aborted,
}
