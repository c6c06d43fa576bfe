namespace V4Agents.Chaos.Points;

/// <param name="Died">Whether the service died at every point it was told to.</param>
internal sealed record PointResult(Point Point, string Task, bool Died, byte[] Patch, IReadOnlyList<string> Kinds, IReadOnlyList<string> Problems, TimeSpan Took)
{
    public bool Passed => Died && Problems.Count == 0;
}
