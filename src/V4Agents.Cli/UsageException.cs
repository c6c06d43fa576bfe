namespace V4Agents.Cli;

/// <summary>The command line asks for something that cannot be. The message says what to type instead.</summary>
internal sealed class UsageException(string message) : Exception(message);
