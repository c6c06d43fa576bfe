namespace V4Agents.Core.Sandboxing;

/// <param name="Tree">The git tree id of the whole work tree as the sandbox computes it over raw bytes (no attributes, no line-ending conversion).</param>
public sealed record WorkspaceSnapshot(string Tree, IReadOnlyList<WorkspaceChange> Changes);
