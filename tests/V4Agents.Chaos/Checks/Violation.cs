namespace V4Agents.Chaos.Checks;

/// <param name="Task">The task's id; empty when no single task is to blame.</param>
internal sealed record Violation(string Task, string What)
{
    public override string ToString() => Task.Length == 0 ? What : $"{Task}: {What}";
}
