namespace V4Agents.Client.Contract;

/// <param name="Repository">A path on the service's machine, or a URL without credentials.</param>
/// <param name="Ref">Branch, tag or commit; the repository's HEAD when absent.</param>
/// <param name="Title">A line for lists; the issue's first line when absent.</param>
/// <param name="Workflow">The name of a workflow the service has; <c>issue-to-patch</c> when both are absent.</param>
/// <param name="WorkflowYaml">A workflow file's text, instead of a name.</param>
/// <param name="Checks">Shell commands that must succeed on the patched tree; at least one.</param>
/// <param name="Branch">Push the verified patch to a new branch of this name in the repository.</param>
/// <param name="Approval">A person must approve the verified patch before it is delivered.</param>
public sealed record SubmitBody(
    string? Repository,
    string? Issue,
    IReadOnlyList<string>? Checks,
    string? Ref = null,
    string? Title = null,
    string? Workflow = null,
    string? WorkflowYaml = null,
    BudgetBody? Budget = null,
    string? Branch = null,
    bool? Approval = null);
