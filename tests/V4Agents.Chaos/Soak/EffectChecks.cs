using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using V4Agents.Chaos.Checks;
using V4Agents.Chaos.World;
using V4Agents.Client;

namespace V4Agents.Chaos.Soak;

/// <summary>What the tasks did to the world: every line of every step once, the same patch from the same script, every branch pushed once.</summary>
internal sealed class EffectChecks(string origin, Findings findings)
{
    private readonly Dictionary<string, (string Task, byte[] Patch)> _firstOfKind = [];

    public async Task CheckAsync(SoakTask task, string id, Journal journal, TasksClient client, CancellationToken cancellationToken)
    {
        if (journal.Of("delivery.completed").LastOrDefault() is not { } delivered
            || delivered.Payload.GetProperty("patch").ValueKind == JsonValueKind.Null)
        {
            findings.LostSteps += SoakKind.Lines.Count;
            findings.Violate(id, "no patch was delivered");
            return;
        }

        var patch = await client.PatchAsync(id, cancellationToken);
        var recorded = TextOf(delivered.Payload.GetProperty("patch"));
        if (recorded != Convert.ToHexStringLower(SHA256.HashData(patch)))
        {
            findings.Violate(id, $"the patch that is served is not the one in the journal ({recorded})");
        }

        CheckLines(id, patch);
        if (!_firstOfKind.TryAdd(task.Kind.Name, (id, patch)) && !_firstOfKind[task.Kind.Name].Patch.AsSpan().SequenceEqual(patch))
        {
            findings.Violate(id, $"its patch differs from that of {_firstOfKind[task.Kind.Name].Task}, which played the same script");
        }

        if (task.Branch is { } branch)
        {
            await CheckBranchAsync(id, branch, journal, await client.ReceiptAsync(id, cancellationToken));
        }
    }

    /// <summary>Nothing but what the tasks were told to push.</summary>
    public async Task CheckOriginAsync(IReadOnlyList<SoakTask> tasks)
    {
        var expected = tasks.Select(task => task.Branch).OfType<string>().Select(branch => $"refs/heads/{branch}").Append("refs/heads/main").ToHashSet();
        foreach (var stray in (await GitAsync("for-each-ref", "--format=%(refname)")).Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(it => !expected.Contains(it)))
        {
            findings.RepeatedEffects++;
            findings.Violate("", $"the repository has {stray}, which no task was to push");
        }
    }

    private void CheckLines(string id, byte[] patch)
    {
        var added = Encoding.UTF8.GetString(patch).Split('\n').Where(line => line.StartsWith("+step-", StringComparison.Ordinal)).Select(line => line[1..])
            .GroupBy(line => line).ToDictionary(group => group.Key, group => group.Count());
        foreach (var line in SoakKind.Lines)
        {
            var times = added.GetValueOrDefault(line);
            if (times == 0)
            {
                findings.LostSteps++;
                findings.Violate(id, $"{line} is not in the patch");
            }
            else if (times > 1)
            {
                findings.RepeatedEffects += times - 1;
                findings.Violate(id, $"{line} is in the patch {times} times");
            }
        }
    }

    private async Task CheckBranchAsync(string id, string branch, Journal journal, byte[] receipt)
    {
        var there = (await Programs.RunAsync("git", ["-C", origin, "rev-parse", "--verify", "--quiet", $"refs/heads/{branch}"])).Output.Trim();
        var completed = journal.Of("branch_push.completed").LastOrDefault();
        var recorded = completed is null ? "nothing" : TextOf(completed.Payload.GetProperty("commit"));
        using var evidence = JsonDocument.Parse(receipt);
        var shown = evidence.RootElement.TryGetProperty("branch", out var it) && it.ValueKind == JsonValueKind.Object ? TextOf(it.GetProperty("commit")) : "nothing";
        if (there.Length == 0 || there != recorded || there != shown)
        {
            findings.LostSteps++;
            findings.Violate(id, $"branch {branch} is at '{there}', the journal says {recorded}, the receipt {shown}");
            return;
        }

        findings.BranchesPushed++;
        var updates = File.ReadAllLines(Path.Combine(origin, "logs", "refs", "heads", branch)).Length;
        if (updates != 1)
        {
            findings.RepeatedEffects += updates - 1;
            findings.Violate(id, $"branch {branch} was updated {updates} times");
        }
    }

    private Task<string> GitAsync(params string[] arguments) => Programs.MustAsync("/", "git", ["-C", origin, .. arguments]);

    /// <summary>An id is stored as a string, or as an object that holds one.</summary>
    private static string TextOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => value.EnumerateObject().First().Value.ToString(),
        _ => value.ToString(),
    };
}
