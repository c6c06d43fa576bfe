namespace V4Agents.Chaos.Checks;

/// <summary>What the world looked like after a run. Everything in it was counted there; nothing is taken from a task's own word.</summary>
internal sealed class Findings
{
    private readonly List<Violation> _violations = [];

    public IReadOnlyList<Violation> Violations => _violations;

    public int Verified { get; set; }

    public int LostSteps { get; set; }

    public int RepeatedEffects { get; set; }

    public int Orphans { get; set; }

    /// <summary>Answers beyond the first to the same call, each booked in its task's journal as unconfirmed.</summary>
    public int PaidTwiceAndShown { get; set; }

    public int PaidTwiceUnseen { get; set; }

    public int ModelCallsInterrupted { get; set; }

    public int ToolCallsInterrupted { get; set; }

    public int SandboxesLost { get; set; }

    public int SandboxesRestored { get; set; }

    public int Adoptions { get; set; }

    public int BranchesPushed { get; set; }

    /// <param name="task">Empty when no single task is to blame.</param>
    public void Violate(string task, string what) => _violations.Add(new Violation(task, what));
}
