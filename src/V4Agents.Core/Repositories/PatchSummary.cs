using V4Agents.Core.Blobs;

namespace V4Agents.Core.Repositories;

/// <param name="Tree">The git tree that applying the patch to the task's commit must give.</param>
public sealed record PatchSummary(BlobId Diff, string Tree, int Files, int Additions, int Deletions);
