namespace V4Agents.Client.Contract;

/// <param name="Outcome">Null until the task has finished: <c>verified</c>, <c>gate_failed</c>, <c>no_change</c>, <c>declined</c>, <c>budget_exhausted</c>, <c>cancelled</c> or <c>failed</c>.</param>
/// <param name="Failure">The failure's code when the outcome is <c>failed</c>.</param>
/// <param name="UnconfirmedUsd">The bound on calls whose outcome a crash hid.</param>
public sealed record TaskBody(
    string Id,
    long Seq,
    string Title,
    string Repository,
    string? Ref,
    string? Commit,
    string Workflow,
    string Activity,
    string? Outcome,
    string? Failure,
    string? Message,
    int Steps,
    long PromptTokens,
    long CacheHitTokens,
    long OutputTokens,
    decimal CostUsd,
    decimal UnconfirmedUsd,
    PatchBody Patch,
    int ChecksPassed,
    int Checks,
    bool CancelRequested,
    bool Finished,
    DateTimeOffset SubmittedAt,
    DateTimeOffset UpdatedAt,
    LiveBody? Live = null);
