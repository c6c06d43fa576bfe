namespace V4Agents.Core.Sandboxing;

/// <summary>A saved state of the work tree: what the shadow repository needs to be brought to it from the one before.</summary>
/// <param name="Tree">The git tree id of the work tree over raw bytes; what <c>.gitignore</c> names is not in it.</param>
/// <param name="Commit">The shadow commit that holds the tree. The seeded tree's commit is a function of the tree alone, so that bundles fit a rebuilt sandbox.</param>
/// <param name="Bundle">A thin git bundle since the checkpoint before; empty when the tree did not change.</param>
public sealed record WorkspaceCheckpoint(string Tree, string Commit, ReadOnlyMemory<byte> Bundle)
{
    public bool IsUnchanged => Bundle.IsEmpty;
}
