namespace V4Agents.Sandboxes.Calls.Protocol;

/// <summary>What was asked for when the call was claimed: <c>request.json</c> in the call ledger, for people who look.</summary>
internal sealed record CallRequest(string Tool, string Arguments, long TimeoutMilliseconds);
