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
            await new BranchChecks(origin, findings).CheckAsync(id, branch, journal, await client.ReceiptAsync(id, cancellationToken));
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

    /// <summary>An id is stored as a string, or as an object that holds one.</summary>
    private static string TextOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => value.EnumerateObject().First().Value.ToString(),
        _ => value.ToString(),
    };
}
