namespace V4Agents.Chaos.Points;

/// <summary>The deaths of one task's service, one start after the other; then it is left in peace.</summary>
/// <param name="Cancels">A person cancels the task while its second tool call runs.</param>
internal sealed record Point(IReadOnlyList<Death> Deaths, bool Cancels = false)
{
    public string Name => string.Join(" > ", Deaths);

    public static Point At(string faultPoint) => new([new Death(faultPoint)]);
}
