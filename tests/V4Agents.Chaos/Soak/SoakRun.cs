using System.Diagnostics;
using V4Agents.Chaos.World;
using V4Agents.Client;

namespace V4Agents.Chaos.Soak;

/// <summary>Runs the tasks while things die, then looks at what is left of the world.</summary>
internal sealed class SoakRun(SoakOptions options, TextWriter output)
{
    private const int MostInFlight = 6;
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan ChecksWithin = TimeSpan.FromMinutes(4);

    private readonly IReadOnlyList<SoakTask> _tasks = SoakTask.Of(options.Tasks);
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private readonly Dictionary<KillKind, int> _killed = [];

    /// <returns>Whether every invariant holds.</returns>
    public async Task<bool> RunAsync(CancellationToken cancellationToken)
    {
        var random = new Random(options.Seed);
        var plan = KillPlan.Make(options.Kills, random, options.PrivateEngine);
        var directory = RunDirectory.Create();
        Say($"{options.Tasks} tasks, {options.Kills} kills, seed {options.Seed}, {options.Silos} silos; everything of the run is in {directory.Path}");
        var clean = false;
        try
        {
            await using var world = await SoakWorld.StartAsync(options, _tasks, random, directory, cancellationToken);
            clean = await RunAsync(world, plan, random, cancellationToken);
        }
        finally
        {
            if (clean)
            {
                directory.Remove();
            }
            else
            {
                Say($"The evidence is kept in {directory.Path}");
            }
        }

        return clean;
    }

    private async Task<bool> RunAsync(
        SoakWorld world, IReadOnlyList<(double Share, KillKind Kind)> plan, Random random, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var silos = world.Silos.Select(silo => silo.KeepAsync(stop.Token)).ToList();
        var instance = await InstanceAsync(world, stop.Token);
        var containers = new Containers(world.Engine.Host, instance);
        var strikes = new Strikes(world.Database, world.Engine, containers, world.Simulator, world.Silos, random);
        Say("the world stands");
        try
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop.Token);
            limit.CancelAfter(options.Limit);
            try
            {
                await SoakAsync(world, strikes, [.. plan], limit.Token);
            }
            catch (OperationCanceledException) when (limit.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
            {
                Say($"the limit of {options.Limit.TotalMinutes:0} minutes is over");
            }

            using var checking = CancellationTokenSource.CreateLinkedTokenSource(stop.Token);
            checking.CancelAfter(ChecksWithin);
            var findings = await new SoakChecks(world, containers, _tasks, options.Kills - _killed.Values.Sum()).CheckAsync(checking.Token);
            SoakReport.Write(output, options, findings, _killed, world.Silos.Sum(silo => silo.OwnEnds), _clock.Elapsed);
            return findings.Violations.Count == 0;
        }
        finally
        {
            await stop.CancelAsync();
            await Task.WhenAll(silos).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            foreach (var silo in world.Silos)
            {
                await silo.Service.StopAsync();
            }

            if (!options.PrivateEngine)
            {
                // One of the run's own takes them with it.
                await containers.RemoveAllAsync();
            }
        }
    }

    /// <summary>One hand does everything, so that what the seed decides is decided in one order.</summary>
    private async Task SoakAsync(SoakWorld world, Strikes strikes, List<(double Share, KillKind Kind)> due, CancellationToken cancellationToken)
    {
        var submitted = 0;
        var said = new HashSet<string>();
        var submitting = Task.CompletedTask;
        while (true)
        {
            var progress = await Progress.ReadAsync(world.Database, cancellationToken);
            foreach (var task in progress.Tasks.Where(task => task.Finished && said.Add(task.Id)))
            {
                Say($"{task.Name} {task.Outcome}{(task.Outcome == "verified" ? "" : $": {task.Message}")} ({said.Count} of {options.Tasks})");
            }

            if (said.Count == options.Tasks)
            {
                return;
            }

            if (submitting.IsCompleted)
            {
                await submitting;
                if (submitted < _tasks.Count && progress.InFlight < MostInFlight)
                {
                    // A service that is frozen answers late: nothing else may wait for it.
                    submitting = SubmitAsync(world, _tasks[submitted++], cancellationToken);
                    continue;
                }
            }

            var share = (double)progress.Calls / (options.Tasks * SoakKind.Calls);
            await StrikeAsync(strikes, due, share, progress, cancellationToken);
            await Task.Delay(Poll, cancellationToken);
        }
    }

    /// <summary>The first due kill that finds a target. A strike at a sandbox does not overtake one at the engine, which waits for all of them to stand.</summary>
    private async Task StrikeAsync(
        Strikes strikes, List<(double Share, KillKind Kind)> due, double share, Progress progress, CancellationToken cancellationToken)
    {
        var engineWaits = false;
        foreach (var kill in due.TakeWhile(kill => kill.Share <= share).ToList())
        {
            var isEngine = kill.Kind is KillKind.EngineKilled or KillKind.EngineTerminated;
            if ((engineWaits && kill.Kind is (KillKind.SandboxKilled or KillKind.SandboxRemoved))
                || await strikes.StrikeAsync(kill.Kind, progress, cancellationToken) is not { } victim)
            {
                engineWaits |= isEngine;
                continue;
            }

            due.Remove(kill);
            _killed[kill.Kind] = _killed.GetValueOrDefault(kill.Kind) + 1;
            Say($"  kill {_killed.Values.Sum(),2} at {share,4:P0}: {KillNames.Of(kill.Kind)}, {victim}");
            return;
        }
    }

    /// <summary>Under a key of its own: a submission whose answer was lost is the same task when it is sent again.</summary>
    private async Task SubmitAsync(SoakWorld world, SoakTask task, CancellationToken cancellationToken)
    {
        for (var i = task.Number; ; i++)
        {
            var silo = world.Silos[i % world.Silos.Count];
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            limit.CancelAfter(TimeSpan.FromSeconds(20));
            try
            {
                if (silo.IsUp)
                {
                    await silo.Service.Client.SubmitAsync(task.Request(world.Origin), $"chaos-{task.Name}", limit.Token);
                    return;
                }
            }
            catch (Exception e) when (e is ApiException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
            {
                // Killed under the request, or the engine or the database is away: the key makes it safe to ask another.
            }

            await Task.Delay(Poll, cancellationToken);
        }
    }

    /// <summary>The services migrate the database, so it answers only when the first of them has come that far.</summary>
    private static async Task<string> InstanceAsync(SoakWorld world, CancellationToken cancellationToken)
    {
        while (!world.Silos.All(silo => silo.IsUp))
        {
            await Task.Delay(Poll, cancellationToken);
        }

        return (await world.Database.QueryAsync("SELECT id FROM instance", row => row.GetString(0), cancellationToken)).Single();
    }

    private void Say(string what)
    {
        lock (output)
        {
            output.WriteLine($"{_clock.Elapsed.TotalSeconds,6:0.0}  {what}");
        }
    }
}
