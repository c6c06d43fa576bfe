namespace V4Agents.Client.Contract;

/// <summary>What runs at this moment; for display only.</summary>
public sealed record LiveBody(string Activity, DateTimeOffset Since, long ReasoningChars, long ContentChars);
