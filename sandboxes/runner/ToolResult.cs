namespace V4Agents.Runner;

/// <param name="Stopped">A stop ended it, not its own end and not its time.</param>
internal sealed record ToolResult(int ExitCode, bool TimedOut = false, bool Stopped = false)
{
    private const int Killed = 128 + Posix.Kill;

    public static ToolResult OutOfTime { get; } = new(Killed, TimedOut: true);

    public static ToolResult StoppedFromOutside { get; } = new(Killed, Stopped: true);
}
