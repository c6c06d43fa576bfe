using System.Text.Json;

namespace V4Agents.Client.Contract;

/// <summary>A committed event of a task.</summary>
/// <param name="Data">The event as the journal holds it; its shape goes with kind and version.</param>
public sealed record EventBody(long Seq, string Kind, int Version, DateTimeOffset At, JsonElement Data);
