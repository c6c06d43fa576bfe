using System.Text.Json;
using V4Agents.Chaos.World;

namespace V4Agents.Chaos.Checks;

/// <summary>A journal without a gap, in which whatever was begun was ended once, and the money of all tables agrees.</summary>
/// <param name="calls">How many tool calls the script of every task has.</param>
internal sealed class JournalChecks(string database, int calls, Findings findings)
{
    public async Task CheckAsync(Journal journal, string task, CancellationToken cancellationToken)
    {
        var entries = journal.Entries;
        for (var i = 0; i < entries.Count; i++)
        {
            if (entries[i].Seq != i + 1)
            {
                findings.Violate(task, $"the journal has event {entries[i].Seq} where {i + 1} was due");
                break;
            }
        }

        if (entries.Count == 0 || entries[0].Kind != "submitted" || entries[^1].Kind != "finished" || journal.Of("finished").Count() != 1)
        {
            findings.Violate(task, $"the journal does not run from submitted to one finished: {string.Join(", ", entries.Select(entry => entry.Kind).TakeLast(5))}");
        }

        CheckCalls(journal, task);
        CheckEpochs(journal, task);
        await CheckMoneyAsync(journal, task, cancellationToken);
        findings.ModelCallsInterrupted += journal.Of("model_call.interrupted").Count();
        findings.ToolCallsInterrupted += Broken(entries);
        findings.SandboxesLost += journal.Of("sandbox.lost").Count();
        findings.SandboxesRestored += journal.Of("sandbox.restored").Count();
        findings.Adoptions += journal.Of("task.adopted").Count();
    }

    /// <summary>A sandbox that is lost, or was found dead, under a call that had begun.</summary>
    private static int Broken(IReadOnlyList<Journal.Entry> entries)
    {
        var (broken, open) = (0, false);
        foreach (var entry in entries)
        {
            broken += entry.Kind == "tool_call.interrupted" || (entry.Kind == "sandbox.lost" && open) ? 1 : 0;
            open = entry.Kind == "tool_call.started" || (open && entry.Kind is not ("tool_call.completed" or "tool_call.interrupted" or "sandbox.lost"));
        }

        return broken;
    }

    private void CheckCalls(Journal journal, string task)
    {
        var started = journal.Of("tool_call.started").Select(CallOf).ToHashSet();
        var completed = journal.Of("tool_call.completed").GroupBy(CallOf).ToDictionary(group => group.Key, group => group.Count());
        foreach (var call in started.Where(call => !completed.ContainsKey(call)))
        {
            findings.Violate(task, $"tool call {call} was begun and never completed");
        }

        foreach (var (call, times) in completed.Where(pair => pair.Value > 1))
        {
            findings.Violate(task, $"tool call {call} was completed {times} times");
        }

        if (completed.Count != calls)
        {
            findings.Violate(task, $"{completed.Count} tool calls were completed where the script has {calls}");
        }

        foreach (var failed in journal.Of("tool_call.completed").Where(entry => entry.Payload.GetProperty("exit_code").GetInt32() != 0))
        {
            findings.Violate(task, $"tool call {CallOf(failed)} ended with exit code {failed.Payload.GetProperty("exit_code")} (event {failed.Seq})");
        }
    }

    private void CheckEpochs(Journal journal, string task)
    {
        var epochs = journal.Of("task.adopted").Select(entry => entry.Payload.GetProperty("epoch").GetInt32()).ToList();
        if (!epochs.SequenceEqual(Enumerable.Range(2, epochs.Count)))
        {
            findings.Violate(task, $"the epochs do not count up: {string.Join(", ", epochs)}");
        }
    }

    private async Task CheckMoneyAsync(Journal journal, string task, CancellationToken cancellationToken)
    {
        var journaled = (
            Cost: journal.Of("model_call.completed").Sum(entry => Number(entry.Payload, "cost_usd")),
            Unconfirmed: journal.Of("model_call.interrupted").Sum(entry => Number(entry.Payload, "unconfirmed_usd")));
        var booked = await PairAsync("SELECT coalesce(sum(cost_usd), 0), coalesce(sum(unconfirmed_usd), 0) FROM ledger WHERE task_id = $1", task, cancellationToken);
        var shown = await PairAsync("SELECT cost_usd, unconfirmed_usd FROM tasks WHERE id = $1", task, cancellationToken);
        if (booked != journaled || shown != journaled)
        {
            findings.Violate(task, $"the journal says {journaled} USD, the ledger {booked}, the list of tasks {shown}");
        }
    }

    private async Task<(decimal Cost, decimal Unconfirmed)> PairAsync(string sql, string task, CancellationToken cancellationToken) =>
        (await Database.QueryAsync(database, sql, row => (row.GetDecimal(0), row.GetDecimal(1)), cancellationToken, task)).SingleOrDefault();

    private static decimal Number(JsonElement payload, string name) =>
        payload.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number ? value.GetDecimal() : 0;

    private static string CallOf(Journal.Entry entry)
    {
        var call = entry.Payload.GetProperty("call");
        return $"{call.GetProperty("step")}#{call.GetProperty("index")}";
    }
}
