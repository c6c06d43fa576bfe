using Microsoft.Extensions.Logging;
using V4Agents.Core.Journal;
using V4Agents.Core.Tasks;
using V4Agents.Grains.Execution;

namespace V4Agents.Grains.Tasks;

/// <summary>
/// Appends until the journal has answered. What an effect brought back is in memory only: while the database is away it is kept and offered again,
/// because the effect cannot be had twice. A write whose fate is unknown is read back.
/// </summary>
internal sealed partial class JournalWriter(ITaskJournal journal, IFaultPoints faults, TimeProvider clock, ILogger logger)
{
    /// <exception cref="JournalException">Another writer owns the task.</exception>
    /// <exception cref="OperationCanceledException">Nothing is known to be written.</exception>
    public async Task AppendAsync(TaskState state, IReadOnlyList<TaskEvent> events, TaskState next, CancellationToken cancellationToken)
    {
        var kinds = events.Select(it => EventCodec.NameOf(it).Kind).Distinct().ToList();
        var summary = next.Summarize();
        kinds.ForEach(kind => faults.Reach($"before-append:{kind}"));
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await journal.AppendAsync(next.Id, state.Seq, events, summary, CancellationToken.None);
                break;
            }
            catch (JournalException e) when (e.IsTransient)
            {
                LogAway(next.Id, attempt, e.Message);
                if (e.Fault == JournalFault.OutcomeUnknown)
                {
                    if (await HasLandedAsync(next.Id, state.Seq, events, e, cancellationToken))
                    {
                        break;
                    }
                }
                else
                {
                    await Task.Delay(DatabasePause.After(attempt), clock, cancellationToken);
                }
            }
        }

        kinds.ForEach(kind => faults.Reach($"after-append:{kind}"));
    }

    /// <summary>Whether what was read begins with what was offered: then an earlier try landed.</summary>
    public static bool HoldsFirst(IReadOnlyList<JournalEntry> found, IReadOnlyList<TaskEvent> offered) =>
        found.Take(offered.Count).Select(entry => EventCodec.Encode(entry.Event)).SequenceEqual(offered.Select(EventCodec.Encode));

    /// <exception cref="JournalException">Other events are there: another writer owns the task. Or nobody knows yet, and the caller waits no longer.</exception>
    private async Task<bool> HasLandedAsync(
        TaskId task, long after, IReadOnlyList<TaskEvent> events, JournalException unknown, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await Task.Delay(DatabasePause.After(attempt), clock, cancellationToken);
                var found = await journal.ReadAsync(task, after, cancellationToken);
                if (found.Count == 0)
                {
                    return false;
                }

                return HoldsFirst(found, events)
                    ? true
                    : throw new JournalException(JournalFault.Conflict, $"Event {after} is not the last of task {task}: another writer owns the task.");
            }
            catch (JournalException e) when (e.IsTransient)
            {
                LogAway(task, attempt, e.Message);
            }
            catch (OperationCanceledException)
            {
                throw new JournalException(JournalFault.OutcomeUnknown, unknown.Message, unknown);
            }
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "Task {task}: the journal does not answer (attempt {attempt}): {message} What is to be recorded is kept.")]
    private partial void LogAway(TaskId task, int attempt, string message);
}
