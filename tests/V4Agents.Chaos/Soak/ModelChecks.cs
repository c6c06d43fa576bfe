using V4Agents.Chaos.Checks;
using V4Agents.Chaos.World;

namespace V4Agents.Chaos.Soak;

/// <summary>What the model's server answered, against what the journal admits to.</summary>
internal sealed class ModelChecks(IReadOnlyList<SeenCall> seen, Findings findings)
{
    /// <param name="scenario">The one that this task alone plays.</param>
    public void Check(string scenario, string task, Journal journal)
    {
        var interrupted = journal.Of("model_call.interrupted").GroupBy(StepOf).ToDictionary(group => group.Key, group => group.Count());
        foreach (var call in seen.Where(it => it.Scenario == scenario && it.Answered).GroupBy(it => (it.Role, it.Turn)).Where(group => group.Count() > 1))
        {
            // The n-th turn answers step n; the triage call is step 0.
            var extra = call.Count() - 1;
            var shown = Math.Min(extra, interrupted.GetValueOrDefault(call.Key.Role == "triage" ? 0 : call.Key.Turn ?? 0));
            findings.PaidTwiceAndShown += shown;
            findings.PaidTwiceUnseen += extra - shown;
            if (extra > shown)
            {
                findings.Violate(task, $"turn {call.Key.Turn} of {call.Key.Role} was answered {extra + 1} times, and the journal shows {shown} of them as unconfirmed");
            }
        }

        foreach (var refused in seen.Where(it => it.Scenario == scenario && it.State == "rejected"))
        {
            findings.Violate(task, $"the simulator refused request {refused.Number}: {refused.Error}");
        }
    }

    private static int StepOf(Journal.Entry entry) => entry.Payload.GetProperty("call").GetProperty("step").GetInt32();
}
