namespace V4Agents.Core.Verification;

/// <summary>One run of one check command in a fresh container.</summary>
/// <param name="Tests">Tests the output names, by their own ids; empty when the output is in no known format.</param>
public sealed record CheckRun(
    string Command, int ExitCode, bool TimedOut, double Seconds, string OutputBlob, IReadOnlyDictionary<string, TestState> Tests)
{
    public bool Passed => ExitCode == 0 && !TimedOut;

    /// <summary>126 and 127 are the shell's own codes for a command that cannot be executed or found.</summary>
    public bool CommandMissing => ExitCode is 126 or 127 && !TimedOut;
}
