namespace V4Agents.Simulator.Scenarios;

/// <summary>What goes wrong when a turn is played, and for how many of its requests.</summary>
/// <param name="At">How many characters of the answer come first; null: half of it, and nothing before a hold.</param>
internal sealed record Fault(FaultKind Kind, int Times, int? At, int Status, int? RetryAfterSeconds, string? FinishReason);

internal enum FaultKind
{
    /// <summary>An error status instead of an answer.</summary>
    Status,

    /// <summary>The connection breaks in the middle of the answer.</summary>
    Cut,

    /// <summary>The answer hangs until it is released or the client goes.</summary>
    Hold,

    /// <summary>The answer ends early with a finish reason that says so.</summary>
    Finish,
}
