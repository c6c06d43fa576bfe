namespace V4Agents.Core.Sandboxing;

/// <summary>One path that differs from the seeded tree, with its raw bytes. A symbolic link's content is its target.</summary>
/// <param name="Path">Relative to the work tree, with <c>/</c>; as the sandbox says it, so not to be trusted.</param>
public sealed record WorkspaceChange(string Path, WorkspaceEntry Entry, ReadOnlyMemory<byte> Content);
