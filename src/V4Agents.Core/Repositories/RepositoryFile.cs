using V4Agents.Core.Sandboxing;

namespace V4Agents.Core.Repositories;

/// <param name="Blob">The git blob id.</param>
public sealed record RepositoryFile(string Path, WorkspaceEntry Entry, string Blob, long Size);
