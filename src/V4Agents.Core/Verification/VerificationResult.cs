namespace V4Agents.Core.Verification;

/// <param name="Problem">Why the checks could not be run at all (the patch does not apply, the tree differs), for a person; null when they ran.</param>
public sealed record VerificationResult(VerificationKind Kind, string? Problem, IReadOnlyList<CheckRun> Runs)
{
    public bool Passed => Problem is null && Runs.Count > 0 && Runs.All(run => run.Passed);
}
