using V4Agents.Core.Blobs;
using V4Agents.Core.Tasks;

namespace V4Agents.Grains.Tasks;

/// <summary>The one live writer of a task. Keyed by task id. Every call returns at once; the work goes on in the background.</summary>
public interface ITaskGrain : IGrainWithStringKey
{
    /// <summary>Records the submission, or finds that it is recorded already.</summary>
    Task<SubmitAnswer> SubmitAsync(TaskSubmission submission, CancellationToken cancellationToken);

    /// <summary>Begins this task as a copy of another up to one of its events, or finds that it has begun already.</summary>
    Task<SubmitAnswer> ForkAsync(ForkRequest request, CancellationToken cancellationToken);

    /// <summary>Null when no such task was submitted.</summary>
    Task<TaskSummary?> StatusAsync(CancellationToken cancellationToken);

    /// <summary>What runs at this moment; null when nothing does.</summary>
    Task<LiveActivity?> LiveAsync(CancellationToken cancellationToken);

    /// <summary>Commits the cancellation and aborts what runs. False when the task is unknown or has finished.</summary>
    Task<bool> CancelAsync(string reason, CancellationToken cancellationToken);

    /// <summary>What runs is brought to its end, and nothing new is begun. False when the task has its outcome.</summary>
    Task<bool> PauseAsync(string reason, CancellationToken cancellationToken);

    /// <summary>False when the task has its outcome; resuming what is not paused is success.</summary>
    Task<bool> ResumeAsync(CancellationToken cancellationToken);

    /// <summary>The model sees the message, a stored user message, at the next boundary. False when the task has its outcome.</summary>
    Task<bool> SayAsync(BlobId message, string text, CancellationToken cancellationToken);

    /// <summary>Answers the open question. False when there is none.</summary>
    /// <param name="number">The question that is meant; null for the open one.</param>
    /// <param name="message">What the model is told when the answer is no; null ends the task.</param>
    Task<bool> ApproveAsync(int? number, bool approved, string? comment, BlobId? message, CancellationToken cancellationToken);

    /// <summary>Folds in what another process appended: what a person asked for is heard, anything else means that the task has another owner.</summary>
    Task RefreshAsync(CancellationToken cancellationToken);

    /// <summary>Brings the task's loop back after a restart; does nothing when it runs or the task has finished.</summary>
    Task WakeAsync(CancellationToken cancellationToken);
}
