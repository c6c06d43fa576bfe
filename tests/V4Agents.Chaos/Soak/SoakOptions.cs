namespace V4Agents.Chaos.Soak;

/// <param name="Limit">The run ends by itself, whatever state it is in.</param>
internal sealed record SoakOptions(int Tasks, int Kills, int Seed, int Silos, bool PrivateEngine, TimeSpan Limit);
