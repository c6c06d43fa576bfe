namespace V4Agents.Grains.Tasks;

/// <summary>An effect in flight, for display: what, since when, and how much of a model's answer has arrived.</summary>
public sealed record LiveActivity(string Activity, DateTimeOffset Since, long ReasoningChars, long ContentChars);
