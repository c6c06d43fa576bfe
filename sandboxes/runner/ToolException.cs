namespace V4Agents.Runner;

/// <summary>A tool refuses its arguments; the message is the call's output and its exit code 1.</summary>
internal sealed class ToolException(string message) : Exception(message);
