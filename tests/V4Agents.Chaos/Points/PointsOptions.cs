namespace V4Agents.Chaos.Points;

/// <param name="Name">The one point to run; null for all.</param>
/// <param name="Worlds">How many stand side by side.</param>
internal sealed record PointsOptions(string? Name, int Worlds, TimeSpan Limit);
