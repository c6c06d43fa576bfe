namespace V4Agents.Grains.Tasks;

/// <summary>An effect in flight, for display: what, since when, how much of a model's answer or a command's output has arrived, and the output's end.</summary>
public sealed record LiveActivity(
    string Activity, DateTimeOffset Since, long ReasoningChars = 0, long ContentChars = 0, long OutputBytes = 0, string? OutputTail = null);
