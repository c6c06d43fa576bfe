using System.Text.RegularExpressions;

namespace V4Agents.Simulator.Scenarios;

/// <summary>What the model answers at one point of a conversation.</summary>
/// <param name="Delay">How long the answer stands still, half of it sent; one that is not streamed waits before it comes.</param>
/// <param name="FinishReason">Null: <c>tool_calls</c> when there are any, else <c>stop</c>.</param>
internal sealed record Turn(
    string Reasoning,
    string Content,
    IReadOnlyList<ScriptedCall> ToolCalls,
    IReadOnlyList<Expectation> Expect,
    Fault? Fault,
    UsageOverride? Usage,
    string? FinishReason,
    TimeSpan FirstTokenDelay,
    TimeSpan Delay,
    TimeSpan ChunkDelay);

/// <param name="Arguments">The text the model writes: JSON, unless the scenario wants it broken.</param>
internal sealed record ScriptedCall(string Name, string Arguments);

/// <summary>What must appear in the messages since the last answer.</summary>
internal sealed record Expectation(string Text, Regex? Pattern)
{
    public bool Holds(string messages) => Pattern?.IsMatch(messages) ?? messages.Contains(Text, StringComparison.Ordinal);
}

/// <summary>Numbers that replace the counted ones.</summary>
internal sealed record UsageOverride(long? PromptTokens, long? CacheHitTokens, long? CompletionTokens, long? ReasoningTokens);
