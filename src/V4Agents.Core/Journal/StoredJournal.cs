using V4Agents.Core.Tasks;

namespace V4Agents.Core.Journal;

/// <summary>A task's rows become its history, or a refusal: a journal with a hole, or with an event that cannot be read, is never taken for a shorter one.</summary>
public static class StoredJournal
{
    /// <param name="length">The number of events the journal is known to hold at least.</param>
    /// <param name="rows">Everything stored after <paramref name="afterSeq"/>, in order.</param>
    /// <exception cref="JournalException">The journal is torn, or an event cannot be read.</exception>
    public static IReadOnlyList<JournalEntry> Decode(TaskId task, long afterSeq, long length, IReadOnlyList<StoredEvent> rows)
    {
        var entries = new List<JournalEntry>(rows.Count);
        var expected = afterSeq + 1;
        foreach (var row in rows)
        {
            if (row.Seq != expected)
            {
                throw Torn(task, expected, $"event {row.Seq} follows event {expected - 1}");
            }

            entries.Add(new JournalEntry(row.Seq, Decode(task, row)));
            expected++;
        }

        return expected > length ? entries : throw Torn(task, expected, $"it ends there, and has held event {length}");
    }

    private static TaskEvent Decode(TaskId task, StoredEvent row)
    {
        try
        {
            return EventCodec.Decode(row.Kind, row.Version, row.Payload);
        }
        catch (JournalException e)
        {
            throw new JournalException(e.Fault, $"Task {task} cannot be read at event {row.Seq}: {e.Message}", e);
        }
    }

    private static JournalException Torn(TaskId task, long missing, string found) => new(
        JournalFault.Unreadable,
        $"The journal of task {task} is torn: event {missing} is missing ({found}). Rows were removed from outside, or the database was damaged. "
        + "Restore the database from a backup; until then the task is neither shown nor continued.");
}
