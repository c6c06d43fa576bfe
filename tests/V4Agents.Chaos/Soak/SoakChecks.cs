using V4Agents.Chaos.Checks;
using V4Agents.Chaos.World;

namespace V4Agents.Chaos.Soak;

/// <summary>Every invariant of a finished soak, from the database, the simulator's log, the repository and the engine.</summary>
/// <param name="unspent">Kills of the plan that found nothing to kill.</param>
internal sealed class SoakChecks(SoakWorld world, Containers containers, IReadOnlyList<SoakTask> tasks, int unspent)
{
    public async Task<Findings> CheckAsync(CancellationToken cancellationToken)
    {
        var findings = new Findings();
        var rows = (await Progress.ReadAsync(world.Database, cancellationToken)).Tasks.ToLookup(row => row.Name);
        var seen = await world.Simulator.ReadAsync(cancellationToken);
        var (journals, effects, models) =
            (new JournalChecks(world.Database.ConnectionString, SoakKind.Calls, findings), new EffectChecks(world.Origin, findings), new ModelChecks(seen, findings));
        var client = (await UpAsync(cancellationToken)).Service.Client;
        foreach (var task in tasks)
        {
            if (rows[task.Name].ToList() is not [var row])
            {
                findings.Violate(task.Name, $"{rows[task.Name].Count()} tasks were made of one submission");
                continue;
            }

            if (row.Outcome == "verified" && row.Finished)
            {
                findings.Verified++;
            }
            else
            {
                findings.Violate(row.Id, $"{task.Name} is {row.Outcome ?? "unfinished"} ({row.Activity}): {row.Message}");
            }

            var journal = await Journal.ReadAsync(world.Database.ConnectionString, row.Id, cancellationToken);
            await File.WriteAllLinesAsync(world.Directory.Of($"{task.Name}.journal"), journal.Lines(), cancellationToken);
            await journals.CheckAsync(journal, row.Id, cancellationToken);
            models.Check(task.Name, row.Id, journal);
            await effects.CheckAsync(task, row.Id, journal, client, cancellationToken);
        }

        await new BranchChecks(world.Origin, findings).CheckStraysAsync(tasks.Select(task => task.Branch).OfType<string>());
        foreach (var (task, what) in await new Leftovers(world.Database.ConnectionString, containers).WaitUntilGoneAsync(cancellationToken))
        {
            findings.Orphans++;
            findings.Violate(task, what);
        }

        foreach (var stalled in await client.StalledAsync(cancellationToken))
        {
            findings.Violate("", $"listed as stalled: {stalled}");
        }

        if (unspent > 0)
        {
            findings.Violate("", $"{unspent} kills of the plan found nothing to kill");
        }

        await File.WriteAllLinesAsync(world.Directory.Of("requests.log"), seen.Select(call => call.ToString()), cancellationToken);
        await File.WriteAllLinesAsync(world.Directory.Of("violations.log"), findings.Violations.Select(it => it.ToString()), cancellationToken);
        return findings;
    }

    private async Task<Silo> UpAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            if (world.Silos.FirstOrDefault(silo => silo.IsUp) is { } silo)
            {
                return silo;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(200), cancellationToken);
        }
    }
}
