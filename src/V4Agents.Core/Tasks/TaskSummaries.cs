using System.Globalization;

namespace V4Agents.Core.Tasks;

/// <summary>From a task's state to the row that lists show.</summary>
public static class TaskSummaries
{
    public static TaskSummary Summarize(this TaskState state)
    {
        var submission = state.Submission ?? throw new InvalidOperationException("A task that was not submitted has no summary.");
        return new TaskSummary(
            state.Id, state.Seq, submission.Tenant, submission.Title, submission.Repository, submission.Ref, state.Repository?.Commit,
            submission.WorkflowName, Activity(state), state.Finished ? state.Conclusion?.Outcome : null, state.Finished ? state.Conclusion?.Failure : null,
            state.Conclusion?.Message ?? state.Fault?.Message, state.Step, state.Spend.Usage.Prompt, state.Spend.Usage.CacheHit, state.Spend.Usage.Output,
            state.Spend.ConfirmedUsd, state.Spend.UnconfirmedUsd, state.Patch?.Files ?? 0, state.Patch?.Additions ?? 0, state.Patch?.Deletions ?? 0,
            state.Gate?.ChecksPassed ?? 0, submission.Checks.Count, state.CancelReason is not null, state.Finished, state.SubmittedAt, state.UpdatedAt);
    }

    private static string Activity(TaskState state) => state switch
    {
        { Finished: true } => "finished",
        { Conclusion: not null } => "finishing",
        { CancelReason: not null } => "cancelling",
        { PausedAt: not null } => "paused",
        { Approval: { } asked } => string.Create(CultureInfo.InvariantCulture, $"waiting for approval until {asked.ExpiresAt:u}"),
        { Fault: { Code: FailureCode.ModelUnreachable or FailureCode.ModelUnavailable } fault } when state.NotBefore > state.UpdatedAt =>
            string.Create(CultureInfo.InvariantCulture, $"waiting_for_capacity until {state.NotBefore:HH:mm:ss} UTC: {fault.Message}"),
        { Fault: { } fault } when state.NotBefore > state.UpdatedAt =>
            string.Create(CultureInfo.InvariantCulture, $"waiting until {state.NotBefore:HH:mm:ss} UTC after: {fault.Message}"),
        { Open: OpenEffect.ModelCall call } => $"model call ({call.Role.ToString().ToLowerInvariant()}, step {call.Call.Step})",
        { Open: OpenEffect.ToolCall call } => $"tool {call.Call.Name} (step {state.Step})",
        { Open: OpenEffect.Verification v } => $"running checks ({v.Kind.ToString().ToLowerInvariant()})",
        { RestoreDue: true } => "restoring the sandbox",
        { Repository: null } => "preparing the repository",
        { Sandbox: null } => "preparing",
        _ => $"working (step {state.Step})",
    };
}
