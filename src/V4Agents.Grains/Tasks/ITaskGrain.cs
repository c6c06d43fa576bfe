using V4Agents.Core.Tasks;

namespace V4Agents.Grains.Tasks;

/// <summary>The one live writer of a task. Keyed by task id. Every call returns at once; the work goes on in the background.</summary>
public interface ITaskGrain : IGrainWithStringKey
{
    /// <summary>Records the submission, or finds that it is recorded already.</summary>
    Task<SubmitAnswer> SubmitAsync(TaskSubmission submission, CancellationToken cancellationToken);

    /// <summary>Null when no such task was submitted.</summary>
    Task<TaskSummary?> StatusAsync(CancellationToken cancellationToken);

    /// <summary>What runs at this moment; null when nothing does.</summary>
    Task<LiveActivity?> LiveAsync(CancellationToken cancellationToken);

    /// <summary>Commits the cancellation and aborts what runs. False when the task is unknown or has finished.</summary>
    Task<bool> CancelAsync(string reason, CancellationToken cancellationToken);

    /// <summary>Brings the task's loop back after a restart; does nothing when it runs or the task has finished.</summary>
    Task WakeAsync(CancellationToken cancellationToken);
}
