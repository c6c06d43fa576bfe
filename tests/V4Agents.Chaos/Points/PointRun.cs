using System.Diagnostics;
using System.Text;
using V4Agents.Chaos.Checks;
using V4Agents.Chaos.World;
using V4Agents.Client;

namespace V4Agents.Chaos.Points;

/// <summary>Runs one task through the deaths of a point to its end, and compares what came out with a run in which nothing died.</summary>
/// <param name="reference">The patch of that run; null for that run itself.</param>
internal sealed class PointRun(PointWorld world, SimulatorLog simulator, PointTask task, Point point, byte[]? reference)
{
    private const int Killed = 128 + 9;
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LastMoment = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    private readonly Findings _findings = new();
    private string? _id;

    public async Task<PointResult> RunAsync(CancellationToken cancellationToken)
    {
        var clock = Stopwatch.StartNew();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Limit);
        var died = false;
        var (patch, kinds) = (Array.Empty<byte>(), (IReadOnlyList<string>)[]);
        try
        {
            died = await DieAsync(limit.Token);
            if (!world.Service.IsRunning)
            {
                await StartAsync(faultPoint: null, limit.Token);
            }

            await world.ContainersAsync(limit.Token);
            var journal = await TendAsync(limit.Token) ?? throw new InvalidOperationException("The service ended although no fault point was set.");
            kinds = [.. journal.Entries.Select(entry => entry.Kind)];
            patch = await CheckAsync(journal, limit.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            _findings.Violate(_id ?? "", $"did not finish within {Limit.TotalMinutes:0} minutes");
        }
        catch (Exception e) when (e is ApiException or InvalidOperationException or TimeoutException)
        {
            _findings.Violate(_id ?? "", e.Message);
        }

        // It owes nobody a farewell, and the next point starts its own.
        if (world.Service.IsRunning)
        {
            await world.Service.KillAsync();
        }

        return new PointResult(point, _id ?? "", died, patch, kinds, [.. _findings.Violations.Select(it => it.What)], clock.Elapsed);
    }

    /// <returns>False as soon as the task has finished without the service dying.</returns>
    private async Task<bool> DieAsync(CancellationToken cancellationToken)
    {
        foreach (var death in point.Deaths)
        {
            if (await StartAsync(death.FaultPoint, cancellationToken) && await TendAsync(cancellationToken) is not null && !await DiesYetAsync(cancellationToken))
            {
                return false;
            }

            if (world.Service.Process.ExitCode != Killed)
            {
                throw new InvalidOperationException($"The service ended with exit code {world.Service.Process.ExitCode} at {death} instead of being killed.");
            }

            await StrikeSandboxAsync(death.Then, cancellationToken);
        }

        return true;
    }

    /// <summary>The last event can be read a moment before the service dies of having recorded it.</summary>
    private async Task<bool> DiesYetAsync(CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(LastMoment);
        await world.Service.Process.WaitForExitAsync(limit.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return !world.Service.IsRunning;
    }

    private async Task<bool> StartAsync(string? faultPoint, CancellationToken cancellationToken)
    {
        var answers = await world.Service.StartAsync(faultPoint, cancellationToken);
        return answers || faultPoint is not null ? answers : throw new InvalidOperationException("The service did not start.");
    }

    private async Task StrikeSandboxAsync(Then then, CancellationToken cancellationToken)
    {
        var containers = await world.ContainersAsync(cancellationToken);
        foreach (var (name, _, _) in (await containers.ListAsync()).Where(it => it.Task == _id))
        {
            var struck = then switch
            {
                Then.KillSandbox => await containers.KillAsync(name),
                Then.RemoveSandbox => await containers.RemoveAsync(name),
                _ => true,
            };
            if (!struck)
            {
                _findings.Violate(_id ?? "", $"container {name} was gone before it was struck");
            }
        }
    }

    /// <summary>Does what a person does, each thing once, until the task has finished. Null when the service has died.</summary>
    private async Task<Journal?> TendAsync(CancellationToken cancellationToken)
    {
        while (world.Service.IsRunning)
        {
            try
            {
                var journal = await JournalAsync(cancellationToken);
                if (journal.Has("finished"))
                {
                    return journal;
                }

                await ActAsync(journal, cancellationToken);
            }
            catch (ApiException)
            {
                // The service died under the request. Whether it was heard is in the journal, which is read before it is said again.
            }

            await Task.Delay(Poll, cancellationToken);
        }

        return null;
    }

    private async Task<Journal> JournalAsync(CancellationToken cancellationToken)
    {
        _id ??= (await Database.QueryAsync(
            world.Database, "SELECT id FROM tasks WHERE title = $1", row => row.GetString(0), cancellationToken, task.Name)).SingleOrDefault();
        return _id is null ? new Journal([]) : await Journal.ReadAsync(world.Database, _id, cancellationToken);
    }

    private async Task ActAsync(Journal journal, CancellationToken cancellationToken)
    {
        var client = world.Service.Client;
        if (journal.Entries.Count == 0)
        {
            await client.SubmitAsync(task.Request(world.Origin), task.Name, cancellationToken);
        }
        else if (point.Cancels && journal.Of("tool_call.started").Count() == 2 && !journal.Has("cancel.requested"))
        {
            await client.CancelAsync(_id!, "no longer wanted", cancellationToken); // Known: it has a journal.
        }
        else if (journal.Has("conversation.opened") && !journal.Has("message.said"))
        {
            await client.SayAsync(_id!, "Keep to the order of the steps.", cancellationToken);
        }
        else if (journal.Has("approval.requested") && !journal.Has("approval.answered"))
        {
            await client.ApproveAsync(_id!, approved: true, "Good.", null, cancellationToken);
        }
    }

    private async Task<byte[]> CheckAsync(Journal journal, CancellationToken cancellationToken)
    {
        var row = (await Database.QueryAsync(
            world.Database, "SELECT outcome, message FROM tasks WHERE id = $1", it => (Outcome: it.GetString(0), Message: it.IsDBNull(1) ? "" : it.GetString(1)),
            cancellationToken, _id!)).Single();
        var expected = point.Cancels ? "cancelled" : "verified";
        if (row.Outcome != expected)
        {
            _findings.Violate(_id!, $"the outcome is {row.Outcome}, not {expected}: {row.Message}");
        }

        await CheckAnswersAsync(cancellationToken);
        if (point.Cancels)
        {
            return [];
        }

        await new JournalChecks(world.Database, PointTask.Calls, _findings).CheckAsync(journal, _id!, cancellationToken);
        var patch = await world.Service.Client.PatchAsync(_id!, cancellationToken);
        CheckLines(Encoding.UTF8.GetString(patch));
        if (reference is not null && !patch.AsSpan().SequenceEqual(reference))
        {
            _findings.Violate(_id!, "the patch is not that of the run in which nothing died");
        }

        await new BranchChecks(world.Origin, _findings).CheckAsync(
            _id!, task.Branch, journal, await world.Service.Client.ReceiptAsync(_id!, cancellationToken));
        return patch;
    }

    private async Task CheckAnswersAsync(CancellationToken cancellationToken)
    {
        var calls = (await simulator.ReadAsync(cancellationToken)).Where(it => it.Scenario == task.Name).ToList();
        foreach (var call in calls.Where(it => it.State == "rejected"))
        {
            _findings.Violate(_id!, $"the simulator refused request {call.Number}: {call.Error}");
        }

        foreach (var turn in calls.Where(it => it.Answered).GroupBy(it => (it.Role, it.Turn)).Where(turn => turn.Count() > 1))
        {
            _findings.Violate(_id!, $"turn {turn.Key.Turn} of {turn.Key.Role} was answered {turn.Count()} times");
        }
    }

    private void CheckLines(string patch)
    {
        foreach (var line in PointTask.Lines)
        {
            if (patch.Split('\n').Count(it => it == $"+{line}") is not 1 and var times)
            {
                _findings.Violate(_id!, $"{line} is in the patch {times} times");
            }
        }
    }
}
