using System.Text.Json;
using V4Agents.Chaos.World;

namespace V4Agents.Chaos.Checks;

/// <summary>A branch that was pushed is there, is what journal and receipt say, and is one commit on the branch that the task started from.</summary>
internal sealed class BranchChecks(string origin, Findings findings)
{
    public async Task CheckAsync(string task, string branch, Journal journal, ReadOnlyMemory<byte> receipt)
    {
        var commits = (await Programs.RunAsync("git", ["-C", origin, "rev-list", $"refs/heads/main..refs/heads/{branch}"])).Output
            .Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var recorded = journal.Of("branch_push.completed").Select(entry => TextOf(entry.Payload.GetProperty("commit"))).ToList();
        using var evidence = JsonDocument.Parse(receipt);
        var shown = evidence.RootElement.TryGetProperty("branch", out var it) && it.ValueKind == JsonValueKind.Object ? TextOf(it.GetProperty("commit")) : "nothing";
        switch (commits)
        {
            case []:
                findings.LostSteps++;
                findings.Violate(task, $"branch {branch} is not there, or holds nothing");
                break;
            case [var commit] when recorded is [var one] && one == commit && shown == commit:
                findings.BranchesPushed++;
                break;
            case [var commit]:
                findings.Violate(task, $"branch {branch} is at {commit}, the journal says {string.Join(", ", recorded)}, the receipt {shown}");
                break;
            default:
                findings.RepeatedEffects += commits.Length - 1;
                findings.Violate(task, $"branch {branch} holds {commits.Length} commits of the task");
                break;
        }
    }

    /// <summary>Nothing but what the tasks were told to push.</summary>
    public async Task CheckStraysAsync(IEnumerable<string> branches)
    {
        var expected = branches.Append("main").Select(branch => $"refs/heads/{branch}").ToHashSet();
        var there = await Programs.MustAsync("/", "git", "-C", origin, "for-each-ref", "--format=%(refname)");
        foreach (var stray in there.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(it => !expected.Contains(it)))
        {
            findings.RepeatedEffects++;
            findings.Violate("", $"the repository has {stray}, which no task was to push");
        }
    }

    private static string TextOf(JsonElement value) => value.ValueKind == JsonValueKind.String ? value.GetString() ?? "" : "nothing";
}
