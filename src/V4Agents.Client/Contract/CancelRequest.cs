namespace V4Agents.Client.Contract;

public sealed record CancelRequest(string? Reason);
