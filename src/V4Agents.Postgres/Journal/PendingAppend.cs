using V4Agents.Core.Journal;
using V4Agents.Core.Tasks;
using V4Agents.Postgres.Projections;

namespace V4Agents.Postgres.Journal;

/// <summary>
/// One append on its way: its rows, ready to be sent, and its end. Everything that can be wrong with the events themselves is found out here, by
/// whoever appends them.
/// </summary>
internal sealed class PendingAppend
{
    private readonly TaskCompletionSource _end = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public PendingAppend(TaskId task, long expectedSeq, IReadOnlyList<TaskEvent> events, TaskSummary summary)
    {
        ArgumentOutOfRangeException.ThrowIfZero(events.Count, nameof(events));
        ArgumentOutOfRangeException.ThrowIfNotEqual(summary.Id, task, nameof(summary));
        Task = task;
        ExpectedSeq = expectedSeq;
        Events = [.. events.Select((e, index) => EventRow.Of(expectedSeq + index + 1, e))];
        Summary = summary;
        Ledger = [.. events.Select((e, index) => LedgerRow.Of(task, expectedSeq + index + 1, e, events)).OfType<LedgerRow>().Select(LedgerRow.Shape.Encode)];
        Checkpoints =
        [
            .. events.Select((e, index) => e is TaskEvent.WorkspaceCheckpointed saved ? new CheckpointRow(task, expectedSeq + index + 1, saved) : null)
                .OfType<CheckpointRow>().Select(CheckpointRow.Shape.Encode),
        ];
        Length = Events.Sum(row => row.Payload.Length);
    }

    public TaskId Task { get; }

    public long ExpectedSeq { get; }

    public IReadOnlyList<EventRow> Events { get; }

    public TaskSummary Summary { get; }

    public IReadOnlyList<string> Ledger { get; }

    public IReadOnlyList<string> Checkpoints { get; }

    /// <summary>About how much is sent.</summary>
    public int Length { get; }

    public Task End => _end.Task;

    public bool IsOver => _end.Task.IsCompleted;

    public void Succeed() => _end.TrySetResult();

    public void Fail(Exception e) => _end.TrySetException(e);

    public void Cancel(CancellationToken cancellationToken) => _end.TrySetCanceled(cancellationToken);

    public JournalException Conflict(Exception? inner = null) =>
        new(JournalFault.Conflict, $"Event {ExpectedSeq} is not the last of task {Task}: another writer owns the task.", inner);
}
