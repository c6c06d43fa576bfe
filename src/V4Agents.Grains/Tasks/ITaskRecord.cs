using V4Agents.Core.Tasks;

namespace V4Agents.Grains.Tasks;

/// <summary>What the loop may do with its task: read the state, append, and say what runs.</summary>
internal interface ITaskRecord
{
    TaskState State { get; }

    /// <summary>Commits what <paramref name="choose"/> makes of the newest state, then folds it in. A database that is away is waited for.</summary>
    /// <returns>The state it was appended to; null when there was nothing to append.</returns>
    Task<TaskState?> AppendAsync(Func<TaskState, IReadOnlyList<TaskEvent>> choose);

    /// <summary>A token that a later cancellation of the task cancels. Taken before deciding, so that no cancellation falls in between.</summary>
    CancellationToken BeginEffect();

    /// <summary>The effect that was begun is also cancelled after this time.</summary>
    void LimitEffect(TimeSpan time);

    /// <summary>Completes at the time, or when something was appended from outside the loop: decide again.</summary>
    Task SleepAsync(TimeSpan time, CancellationToken cancellationToken);

    void Show(LiveActivity? activity);
}
