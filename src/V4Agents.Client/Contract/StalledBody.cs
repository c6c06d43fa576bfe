namespace V4Agents.Client.Contract;

/// <summary>An unfinished task that has recorded nothing for longer than it should.</summary>
/// <param name="Seconds">Since its last event.</param>
public sealed record StalledBody(string Id, string Title, double Seconds, string Reason);
