namespace V4Agents.Core.Tasks;

/// <summary>The row that lists and status answers show; a function of the task's state.</summary>
/// <param name="Activity">What the task does now, for a person: <c>calling deepseek-v4-pro (step 4)</c>.</param>
public sealed record TaskSummary(
    TaskId Id,
    long Seq,
    string Tenant,
    string Title,
    string Repository,
    string? Ref,
    string? Commit,
    string Workflow,
    string Activity,
    TaskOutcome? Outcome,
    FailureCode? Failure,
    string? Message,
    int Steps,
    long PromptTokens,
    long CacheHitTokens,
    long OutputTokens,
    decimal CostUsd,
    decimal UnconfirmedUsd,
    int PatchFiles,
    int PatchAdditions,
    int PatchDeletions,
    int ChecksPassed,
    int Checks,
    bool CancelRequested,
    bool Finished,
    DateTimeOffset SubmittedAt,
    DateTimeOffset UpdatedAt);
