using V4Agents.Core.Tasks;

namespace V4Agents.Core.Journal;

/// <summary>Reads of the projection that the journal keeps up to date in its own transactions.</summary>
public interface ITaskSummaries
{
    Task<TaskSummary?> FindAsync(TaskId task, CancellationToken cancellationToken);

    /// <summary>Newest first; <paramref name="before"/> is the id of the last row of the previous page.</summary>
    Task<IReadOnlyList<TaskSummary>> ListAsync(string tenant, TaskId? before, int limit, CancellationToken cancellationToken);

    Task<IReadOnlyList<TaskId>> UnfinishedAsync(CancellationToken cancellationToken);

    /// <summary>Oldest first.</summary>
    Task<IReadOnlyList<TaskSummary>> ListUnfinishedAsync(CancellationToken cancellationToken);

    /// <summary>Completes when the task has events after <paramref name="afterSeq"/>, or when it cannot know sooner: read again.</summary>
    Task WaitAsync(TaskId task, long afterSeq, CancellationToken cancellationToken);
}
