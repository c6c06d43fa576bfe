namespace V4Agents.Client.Contract;

/// <summary>What runs at this moment; for display only.</summary>
/// <param name="OutputTail">The end of what a running command has printed so far.</param>
public sealed record LiveBody(
    string Activity, DateTimeOffset Since, long ReasoningChars, long ContentChars, long OutputBytes = 0, string? OutputTail = null);
