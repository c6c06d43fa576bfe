using System.Text.Json;

namespace V4Agents.Models.Wire;

/// <summary>One frame of a stream, or a whole reply: the two differ only in <c>delta</c> and <c>message</c>. Unknown members are ignored.</summary>
internal sealed record ChatChunk(
    string? Id, string? Model, IReadOnlyList<ChatChunk.Choice>? Choices, ChatChunk.TokenUsage? Usage, JsonElement Error)
{
    public static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    public bool IsError => Error.ValueKind is not (JsonValueKind.Undefined or JsonValueKind.Null);

    internal sealed record Choice(int Index, Turn? Delta, Turn? Message, string? FinishReason);

    internal sealed record Turn(string? Content, string? ReasoningContent, string? Reasoning, IReadOnlyList<Call>? ToolCalls);

    internal sealed record Call(int? Index, string? Id, Function? Function);

    internal sealed record Function(string? Name, string? Arguments);

    internal sealed record TokenUsage(
        long? PromptTokens,
        long? PromptCacheHitTokens,
        long? PromptCacheMissTokens,
        PromptDetails? PromptTokensDetails,
        long? CompletionTokens,
        CompletionDetails? CompletionTokensDetails);

    internal sealed record PromptDetails(long? CachedTokens);

    internal sealed record CompletionDetails(long? ReasoningTokens);
}
