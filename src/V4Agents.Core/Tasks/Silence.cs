using V4Agents.Core.Workflows;

namespace V4Agents.Core.Tasks;

/// <summary>How long a task may have nothing to record.</summary>
public static class Silence
{
    /// <summary>When the step that the task is in, or what it waits for, is over at the latest; the end of time for what only a person ends.</summary>
    /// <param name="modelCall">The longest a model call lasts.</param>
    public static DateTimeOffset MayBeSilentUntil(this TaskState state, Workflow workflow, TimeSpan modelCall) => state switch
    {
        { Conclusion: null, CancelReason: null, PausedAt: not null } => DateTimeOffset.MaxValue - TimeSpan.FromDays(366),
        { Conclusion: null, CancelReason: null, Approval: { } asked } => asked.ExpiresAt,
        _ when state.NotBefore > state.UpdatedAt => state.NotBefore,
        { Conclusion: not null } or { CancelReason: not null } => state.UpdatedAt,
        { Open: OpenEffect.ModelCall } => state.UpdatedAt + modelCall,
        { Open: OpenEffect.ToolCall } => state.UpdatedAt + workflow.CallTimeout,
        { Open: OpenEffect.Verification } => state.UpdatedAt + (workflow.CheckTimeout * (state.Submission!.Checks.Count + 1)),
        _ => state.UpdatedAt,
    };
}
