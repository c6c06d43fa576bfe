using V4Agents.Client.Contract;

namespace V4Agents.Chaos.Soak;

/// <summary>One task of a soak.</summary>
internal sealed record SoakTask(int Number, SoakKind Kind)
{
    public string Name => $"task-{Number:000}";

    public string Marker => $"[{Name}]";

    public string? Branch => Kind.Pushes ? $"chaos/{Name}" : null;

    public static IReadOnlyList<SoakTask> Of(int count) =>
        [.. Enumerable.Range(1, count).Select(number => new SoakTask(number, SoakKind.All[(number - 1) % SoakKind.All.Count]))];

    public SubmitBody Request(string repository) => new(
        repository, $"{Marker} Do every step of kind {Kind.Name} once.", [SoakKind.Check], Title: Name, Branch: Branch,
        // What is booked for calls that died is a bound, far above what any answer of the script costs.
        Budget: new BudgetBody(Usd: 100_000));
}
