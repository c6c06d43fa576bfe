namespace V4Agents.Chaos.World;

/// <summary>A model call as the simulator logged it.</summary>
/// <param name="Scenario">Which task it belongs to: each plays its own.</param>
/// <param name="Answered">Sent to the last byte while the client was there.</param>
internal sealed record SeenCall(int Number, string? Role, string? Scenario, int? Turn, int Status, string State, string? Error, bool Answered);
