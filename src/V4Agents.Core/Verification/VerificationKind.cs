namespace V4Agents.Core.Verification;

public enum VerificationKind
{
    /// <summary>The checks on the untouched commit.</summary>
    Baseline,

    /// <summary>The checks on the commit with the patch applied: the one that decides.</summary>
    Gate,
}
