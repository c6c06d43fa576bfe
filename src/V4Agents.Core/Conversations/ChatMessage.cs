using System.Text.Json.Serialization;

namespace V4Agents.Core.Conversations;

/// <summary>One message of a conversation, in the order and with the text the model sees.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "role")]
[JsonDerivedType(typeof(System), "system")]
[JsonDerivedType(typeof(User), "user")]
[JsonDerivedType(typeof(Assistant), "assistant")]
[JsonDerivedType(typeof(ToolResult), "tool")]
public abstract record ChatMessage
{
    private ChatMessage() { }

    public sealed record System(string Content) : ChatMessage;

    public sealed record User(string Content) : ChatMessage;

    /// <param name="Reasoning">The model's reasoning, verbatim: it is replayed with every later request that sends tools.</param>
    public sealed record Assistant(string? Reasoning, string? Content, IReadOnlyList<ToolCall> ToolCalls) : ChatMessage;

    public sealed record ToolResult(string CallId, string Content) : ChatMessage;
}
