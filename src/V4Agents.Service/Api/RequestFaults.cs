using Microsoft.AspNetCore.Http.HttpResults;
using V4Agents.Client.Contract;
using V4Agents.Core.Tasks;

namespace V4Agents.Service.Api;

/// <summary>What a request says of itself that cannot be right.</summary>
internal static class RequestFaults
{
    private const int MaxIssue = 1_000_000;
    private const int MaxChecks = 50;
    private const int MaxCheck = 4_000;

    public static ProblemHttpResult? Find(SubmitBody request, string? key) => request switch
    {
        { Repository: null or "" } => Invalid("'repository' is missing: a path on the service's machine, or a URL."),
        { Repository: { } repository } when HoldsCredentials(repository) => Invalid(
            "The repository's URL holds credentials, which would be stored with the task. Leave them out and let git's credential helper on the service's machine give them."),
        { Issue: var issue } when string.IsNullOrWhiteSpace(issue) => Problems.Of(
            FailureCode.IssueEmpty, "The issue is empty. Say what is wrong and how it shows."),
        { Issue.Length: > MaxIssue } => Invalid($"The issue has more than {MaxIssue} characters."),
        { Checks: null or { Count: 0 } } => Invalid("'checks' is empty: name at least one command that must succeed on the patched tree, such as 'python3 -m pytest -q'."),
        { Checks.Count: > MaxChecks } => Invalid($"There are more than {MaxChecks} checks."),
        { Checks: { } checks } when checks.Any(check => string.IsNullOrWhiteSpace(check) || check.Length > MaxCheck) => Invalid(
            $"A check is empty or has more than {MaxCheck} characters."),
        { Workflow: not null, WorkflowYaml: not null } => Invalid("Give 'workflow' or 'workflow_yaml', not both."),
        { Branch: "" } => Invalid("'branch' is empty: name the branch to push to, or leave it out."),
        _ => Find(request.Budget, key),
    };

    public static ProblemHttpResult? Find(BudgetBody? budget, string? key) => budget switch
    {
        _ when key is { Length: 0 or > 200 } => Invalid("The Idempotency-Key header must have 1 to 200 characters."),
        { Steps: <= 0 or > 100_000 } => Invalid("'budget.steps' must be between 1 and 100000."),
        { Usd: <= 0 or > 1_000_000 } => Invalid("'budget.usd' must be more than 0, and at most 1000000."),
        { WallTimeMinutes: { } minutes } when minutes is not (> 0 and <= 525_600) => Invalid(
            "'budget.wall_time_minutes' must be more than 0, and at most 525600."),
        _ => null,
    };

    private static ProblemHttpResult Invalid(string detail) => Problems.Of("request_invalid", StatusCodes.Status400BadRequest, detail);

    /// <summary>A bare user name, as in <c>ssh://git@host</c>, is no secret.</summary>
    private static bool HoldsCredentials(string repository) =>
        Uri.TryCreate(repository, UriKind.Absolute, out var url) && url.UserInfo.Length > 0
        && (url.UserInfo.Contains(':') || url.Scheme is "http" or "https");
}
