using V4Agents.Core.Tasks;

namespace V4Agents.Grains.Tasks;

/// <summary>What the loop may do with its task: read the state, append, and say what runs.</summary>
internal interface ITaskRecord
{
    TaskState State { get; }

    /// <summary>Commits what <paramref name="choose"/> makes of the newest state, then folds it in.</summary>
    Task AppendAsync(Func<TaskState, IReadOnlyList<TaskEvent>> choose);

    /// <summary>A token that a later cancellation of the task cancels. Taken before deciding, so that no cancellation falls in between.</summary>
    CancellationToken BeginEffect();

    void Show(LiveActivity? activity);
}
