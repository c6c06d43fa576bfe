namespace V4Agents.Postgres;

/// <summary>The database cannot be started, reached or brought up to date. The message is for people: what failed, why, what to do.</summary>
public sealed class DatabaseUnavailableException(string message, Exception? inner = null) : Exception(message, inner);
