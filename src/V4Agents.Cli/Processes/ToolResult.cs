namespace V4Agents.Cli.Processes;

internal sealed record ToolResult(int ExitCode, string Output, string Error);
