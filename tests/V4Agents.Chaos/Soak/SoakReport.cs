using V4Agents.Chaos.Checks;

namespace V4Agents.Chaos.Soak;

/// <summary>The table at the end; its last line is the result.</summary>
internal static class SoakReport
{
    public static void Write(
        TextWriter output, SoakOptions options, Findings findings, IReadOnlyDictionary<KillKind, int> killed, int ownEnds, TimeSpan took)
    {
        output.WriteLine();
        foreach (var (kind, times) in killed.OrderBy(pair => pair.Key))
        {
            Row(KillNames.Of(kind), times);
        }

        output.WriteLine($"  {new string('-', 54)}");
        Row("silos that ended by themselves and were started again", ownEnds);
        Row("tasks taken over", findings.Adoptions);
        Row("sandboxes lost", findings.SandboxesLost);
        Row("sandboxes restored", findings.SandboxesRestored);
        Row("tool calls whose sandbox died under them", findings.ToolCallsInterrupted);
        Row("model calls booked as unconfirmed", findings.ModelCallsInterrupted);
        Row("answers paid twice, and shown as that", findings.PaidTwiceAndShown);
        Row("answers paid twice, and not shown", findings.PaidTwiceUnseen);
        Row("branches pushed", findings.BranchesPushed);
        Row("lost steps", findings.LostSteps);
        Row("repeated effects", findings.RepeatedEffects);
        Row("orphans", findings.Orphans);
        foreach (var violation in findings.Violations)
        {
            output.WriteLine($"VIOLATED {violation}");
        }

        output.WriteLine(
            $"{findings.Verified} of {options.Tasks} tasks verified, {killed.Values.Sum()} kills, {findings.LostSteps} lost steps, "
            + $"{findings.RepeatedEffects} repeated effects, {findings.Orphans} orphans, seed {options.Seed}, {took.TotalSeconds:0} s");

        void Row(string what, int count) => output.WriteLine($"  {what,-54}{count,5}");
    }
}
