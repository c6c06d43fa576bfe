using V4Agents.Core.Journal;
using V4Agents.Core.Tasks;
using Xunit;
using static V4Agents.TestKit.Tasks.Events;

namespace V4Agents.Core.Tests.Journal;

public sealed class StoredJournalTests
{
    [Theory]
    [InlineData(0, 3, 1, 2, 3)]
    [InlineData(0, 0, 1)]
    [InlineData(2, 3, 3)]
    [InlineData(3, 3)]
    [InlineData(9, 3)]
    [InlineData(0, 0)]
    [InlineData(1, 2, 2, 3)]
    public void Decode_WhenNothingIsMissing_GivesEveryEvent(long afterSeq, long length, params int[] seqs) =>
        Assert.Equal(seqs.Select(seq => new JournalEntry(seq, new TaskEvent.Finished(Noon))), StoredJournal.Decode(TheTask, afterSeq, length, Rows(seqs)));

    [Theory]
    [InlineData(2, 0, 0, 1, 3)]
    [InlineData(1, 0, 0, 2)]
    [InlineData(3, 2, 0, 4)]
    [InlineData(1, 0, 4)]
    [InlineData(3, 0, 5, 1, 2)]
    [InlineData(4, 3, 4)]
    public void Decode_WhenAnEventIsMissing_SaysWhich(long missing, long afterSeq, long length, params int[] seqs)
    {
        var failure = Assert.Throws<JournalException>(() => StoredJournal.Decode(TheTask, afterSeq, length, Rows(seqs)));

        Assert.Equal(JournalFault.Unreadable, failure.Fault);
        Assert.Contains($"task {TheTask} is torn: event {missing} is missing", failure.Message);
    }

    [Fact]
    public void Decode_WhenAnEventCannotBeRead_NamesTaskEventKindAndVersion()
    {
        StoredEvent[] rows = [.. Rows(1), new StoredEvent(2, "finished", 99, "{}")];

        var failure = Assert.Throws<JournalException>(() => StoredJournal.Decode(TheTask, 0, 0, rows));

        Assert.Equal(
            $"Task {TheTask} cannot be read at event 2: it is 'finished' version 99, and this release of V4Agents knows up to version 1. "
            + "A newer release wrote it: run that one or a later one.",
            failure.Message);
    }

    private static StoredEvent[] Rows(params int[] seqs) => [.. seqs.Select(seq => new StoredEvent(seq, "finished", 1, EventCodec.Encode(new TaskEvent.Finished(Noon))))];
}
