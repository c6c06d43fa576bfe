namespace V4Agents.Chaos.Points;

/// <param name="Names">The points to run; none for all.</param>
/// <param name="Worlds">How many stand side by side.</param>
internal sealed record PointsOptions(IReadOnlyList<string> Names, int Worlds, TimeSpan Limit);
