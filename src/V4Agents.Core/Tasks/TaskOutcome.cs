namespace V4Agents.Core.Tasks;

/// <summary>How a task ended.</summary>
public enum TaskOutcome
{
    /// <summary>The gate passed: the patch applies to a clean checkout and every check succeeds.</summary>
    Verified,

    /// <summary>There is a patch, and the gate does not pass on it.</summary>
    GateFailed,

    /// <summary>The model stopped and the work tree does not differ from the commit.</summary>
    NoChange,

    /// <summary>The gate passed, and a person declined the patch or did not answer in time.</summary>
    Declined,

    BudgetExhausted,
    Cancelled,
    Failed,
}
