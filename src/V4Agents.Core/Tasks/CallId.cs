namespace V4Agents.Core.Tasks;

/// <summary>One attempt at one model call of a task. Step counts completed solver calls from 1; the triage call is step 0.</summary>
public readonly record struct CallId(int Step, int Attempt)
{
    public override string ToString() => $"{Step}.{Attempt}";
}
