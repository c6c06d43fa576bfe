namespace V4Agents.Client.Contract;

public sealed record PauseBody(string? Reason);
