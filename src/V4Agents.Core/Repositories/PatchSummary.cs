using V4Agents.Core.Blobs;

namespace V4Agents.Core.Repositories;

/// <param name="Tree">The git tree that applying the patch to the task's commit must give.</param>
/// <param name="WorkTree">The same as a sandbox computes it: without submodules.</param>
public sealed record PatchSummary(BlobId Diff, string Tree, string WorkTree, int Files, int Additions, int Deletions);
