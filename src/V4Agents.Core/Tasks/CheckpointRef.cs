using V4Agents.Core.Blobs;

namespace V4Agents.Core.Tasks;

/// <summary>A saved state of the work tree; its bundle needs the one before.</summary>
public sealed record CheckpointRef(string Tree, string Commit, BlobId Bundle);
