namespace V4Agents.Chaos.Soak;

/// <summary>Which kills happen, and after which share of the work. The same seed makes the same plan.</summary>
internal static class KillPlan
{
    /// <summary>The last kills must still find tasks at work.</summary>
    private const double First = 0.02, Last = 0.9;

    private static readonly (KillKind Kind, int Weight)[] Mix =
    [
        (KillKind.SiloKilled, 7), (KillKind.SiloFrozen, 2), (KillKind.SandboxKilled, 4), (KillKind.SandboxRemoved, 4), (KillKind.ConnectionsCut, 4),
        (KillKind.DatabaseCrashed, 2), (KillKind.EngineKilled, 2), (KillKind.EngineTerminated, 2), (KillKind.ModelOutage, 3),
    ];

    /// <param name="ownEngine">Whether the daemon may be ended.</param>
    public static IReadOnlyList<(double Share, KillKind Kind)> Make(int kills, Random random, bool ownEngine)
    {
        var bag = Mix.Where(it => ownEngine || it.Kind is not (KillKind.EngineKilled or KillKind.EngineTerminated))
            .SelectMany(it => Enumerable.Repeat(it.Kind, it.Weight)).ToArray();
        var kinds = new List<KillKind>();
        while (kinds.Count < kills)
        {
            random.Shuffle(bag);
            kinds.AddRange(bag);
        }

        return [.. kinds.Take(kills).Select((kind, i) => (First + ((Last - First) * (i + random.NextDouble()) / kills), kind))];
    }
}
