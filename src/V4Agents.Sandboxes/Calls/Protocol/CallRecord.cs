namespace V4Agents.Sandboxes.Calls.Protocol;

/// <summary>The stored end of a call: <c>result.json</c> in the call ledger.</summary>
internal sealed record CallRecord(int ExitCode, bool TimedOut, long OutputBytes, long DurationMilliseconds)
{
    /// <summary>The exit code of a call that the runner did not see end.</summary>
    public const int Interrupted = -1;
}
