using V4Agents.Chaos.World;

namespace V4Agents.Chaos.Soak;

/// <summary>Kills one thing. The seed chooses among what there is to kill at that moment.</summary>
internal sealed class Strikes(Database database, IEngine engine, Containers containers, SimulatorLog simulator, IReadOnlyList<Silo> silos, Random random)
{
    private const int OutageSeconds = 4;

    /// <summary>Tasks whose sandbox was struck, and how many calls they had completed then.</summary>
    private readonly Dictionary<string, long> _struck = [];

    /// <returns>What died, or null when there is nothing to kill now.</returns>
    public async Task<string?> StrikeAsync(KillKind kind, Progress progress, CancellationToken cancellationToken) => kind switch
    {
        KillKind.SiloKilled => await KillSiloAsync(),
        KillKind.SiloFrozen => await FreezeSiloAsync(cancellationToken),
        KillKind.SandboxKilled => await StrikeSandboxAsync(containers.KillAsync, progress),
        KillKind.SandboxRemoved => await StrikeSandboxAsync(containers.RemoveAsync, progress),
        KillKind.ConnectionsCut => $"{await database.CutConnectionsAsync(cancellationToken)} connections",
        KillKind.DatabaseCrashed => await CrashDatabaseAsync(cancellationToken),
        KillKind.EngineKilled => await EndEngineAsync("KILL", progress, cancellationToken),
        KillKind.EngineTerminated => await EndEngineAsync("TERM", progress, cancellationToken),
        KillKind.ModelOutage => await BeginOutageAsync(cancellationToken),
        _ => throw new InvalidOperationException($"No strike is written for {kind}."),
    };

    private async Task<string?> KillSiloAsync()
    {
        if (Choose(silos.Where(silo => silo.IsUp)) is not { } silo)
        {
            return null;
        }

        await silo.KillAsync();
        return silo.Name;
    }

    private async Task<string?> FreezeSiloAsync(CancellationToken cancellationToken)
    {
        // Somebody must be there to give the frozen one up.
        if (silos.Any(silo => !silo.IsUp) || Choose(silos) is not { } silo)
        {
            return null;
        }

        await silo.FreezeAsync(cancellationToken);
        return silo.Name;
    }

    private async Task<string?> StrikeSandboxAsync(Func<string, Task<bool>> strike, Progress progress)
    {
        var weak = Weak(progress);
        var live = (await containers.ListAsync()).Where(it => it.Runs && !weak.Contains(it.Task)).OrderBy(it => it.Name, StringComparer.Ordinal);
        if (Choose(live.Select(it => (string?)$"{it.Name}\n{it.Task}")) is not { } chosen)
        {
            return null;
        }

        var (name, task) = (chosen.Split('\n')[0], chosen.Split('\n')[1]);
        if (!await strike(name))
        {
            return null;
        }

        Struck(progress, task);
        return $"{name} of {progress.Tasks.FirstOrDefault(it => it.Id == task)?.Name ?? task}";
    }

    private async Task<string?> CrashDatabaseAsync(CancellationToken cancellationToken)
    {
        await database.CrashAsync(cancellationToken);
        await database.ReviveAsync(cancellationToken);
        return "PostgreSQL";
    }

    private async Task<string?> EndEngineAsync(string signal, Progress progress, CancellationToken cancellationToken)
    {
        if (Weak(progress).Count > 0)
        {
            return null;
        }

        foreach (var task in progress.Tasks.Where(task => !task.Finished))
        {
            Struck(progress, task.Id);
        }

        await engine.EndAsync(signal, cancellationToken);
        await engine.StartAgainAsync(cancellationToken);
        return "dockerd";
    }

    private async Task<string?> BeginOutageAsync(CancellationToken cancellationToken)
    {
        await simulator.BeginOutageAsync(OutageSeconds, cancellationToken);
        return $"for {OutageSeconds} s";
    }

    /// <summary>
    /// A call whose sandbox died twice under it is given up by policy, as the one that kills it. So a sandbox is struck again only when the task has
    /// completed the call of that moment and one more, or has ended.
    /// </summary>
    private HashSet<string> Weak(Progress progress) =>
        [.. progress.Tasks.Where(task => !task.Finished && _struck.TryGetValue(task.Id, out var calls) && task.Calls <= calls + 1).Select(task => task.Id)];

    private void Struck(Progress progress, string task) => _struck[task] = progress.Tasks.FirstOrDefault(it => it.Id == task)?.Calls ?? 0;

    private T? Choose<T>(IEnumerable<T> from)
        where T : class?
    {
        var all = from.ToList();
        lock (random)
        {
            return all.Count == 0 ? null : all[random.Next(all.Count)];
        }
    }
}
