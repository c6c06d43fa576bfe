namespace V4Agents.Cli.Output;

internal sealed record EventLine(string Icon, string Text, string? Style = null);
