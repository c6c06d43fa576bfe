using V4Agents.Core.Blobs;
using V4Agents.Core.Budgets;

namespace V4Agents.Core.Tasks;

/// <summary>What a person asked for, with everything that must not change under a running task pinned by content.</summary>
/// <param name="Repository">A path or URL without credentials.</param>
/// <param name="Ref">Branch, tag or commit; null for the repository's HEAD.</param>
/// <param name="Issue">The issue's text. Hostile until proven otherwise.</param>
/// <param name="WorkflowSha">SHA-256 of the workflow file's bytes, stored as the blob <paramref name="Workflow"/>.</param>
/// <param name="Checks">Shell commands that must succeed on the patched tree; at least one.</param>
/// <param name="RequestHash">SHA-256 of the request: the same idempotency key with another hash is a conflict.</param>
public sealed record TaskSubmission(
    string Tenant,
    string Repository,
    string? Ref,
    string Title,
    BlobId Issue,
    string WorkflowName,
    string WorkflowSha,
    BlobId Workflow,
    IReadOnlyList<string> Checks,
    Budget Budget,
    string RequestHash)
{
    /// <summary>The branch to push a verified patch to; null to push nothing.</summary>
    public string? Branch { get; init; }

    /// <summary>A person must approve a verified patch before it is delivered.</summary>
    public bool Approval { get; init; }
}
