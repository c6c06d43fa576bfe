namespace V4Agents.Core.Tasks;

/// <summary>Where a task's journal may be cut so that a fork can go on from it.</summary>
public static class ForkPoints
{
    /// <summary>
    /// The number of events up to the end of a step: its reply is recorded and all its calls are answered. Step 0 is the opened conversation. Null when
    /// the task never got there.
    /// </summary>
    public static long? After(IReadOnlyList<TaskEvent> events, int step)
    {
        var state = TaskState.Empty;
        foreach (var e in events)
        {
            state = state.Apply(e);
            if (state is { Tools: not null, Open: null, Pending.IsEmpty: true, Conclusion: null } && state.Step == step)
            {
                return state.Seq;
            }
        }

        return null;
    }
}
