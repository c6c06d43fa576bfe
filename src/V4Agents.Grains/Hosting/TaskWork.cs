namespace V4Agents.Grains.Hosting;

/// <summary>Whether this silo performs the actions of tasks, or only answers about them.</summary>
internal sealed record TaskWork(bool Enabled);
