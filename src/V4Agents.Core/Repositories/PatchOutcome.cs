namespace V4Agents.Core.Repositories;

public abstract record PatchOutcome
{
    private PatchOutcome() { }

    /// <param name="Diff">A patch that <c>git apply</c> takes, binary files included.</param>
    /// <param name="Tree">The git tree that applying it to the base commit gives.</param>
    public sealed record Built(byte[] Diff, string Tree, int Files, int Additions, int Deletions, IReadOnlyList<string> Paths) : PatchOutcome;

    public sealed record Empty : PatchOutcome;

    /// <summary>The work tree holds what a patch must not: <c>.git</c> paths, links that escape, too much.</summary>
    public sealed record Refused(string Reason) : PatchOutcome;
}
