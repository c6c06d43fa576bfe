using V4Agents.Core.Tasks;

namespace V4Agents.Core.Journal;

/// <summary>The truth about tasks: append-only, one writer at a time per task.</summary>
public interface ITaskJournal
{
    /// <exception cref="JournalException">The journal cannot be read, or holds an event this version does not know.</exception>
    Task<IReadOnlyList<JournalEntry>> ReadAsync(TaskId task, long afterSeq, CancellationToken cancellationToken);

    /// <summary>Commits the events at <paramref name="expectedSeq"/> + 1 and on, the summary and the ledger rows they imply, or nothing.</summary>
    /// <exception cref="JournalException">Another writer was first, or whether the write landed is unknown: stop and replay.</exception>
    Task AppendAsync(
        TaskId task, long expectedSeq, IReadOnlyList<TaskEvent> events, TaskSummary summary, CancellationToken cancellationToken);

    /// <summary>
    /// Begins the journal of a fork: a copy of the source's events up to <paramref name="upTo"/>, and <paramref name="forked"/> after them, or nothing.
    /// No money is booked for the copied events.
    /// </summary>
    /// <exception cref="JournalException">A conflict when the fork has events already.</exception>
    Task ForkAsync(TaskId source, long upTo, TaskEvent.Forked forked, TaskSummary summary, CancellationToken cancellationToken);
}
