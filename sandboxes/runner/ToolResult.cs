namespace V4Agents.Runner;

internal sealed record ToolResult(int ExitCode, bool TimedOut = false, long OutputBytes = 0);
