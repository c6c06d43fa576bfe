namespace V4Agents.Core.Journal;

/// <summary>An event as a row, not read yet.</summary>
public sealed record StoredEvent(long Seq, string Kind, int Version, string Payload);
