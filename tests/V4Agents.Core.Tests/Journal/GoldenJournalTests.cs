using System.Text.Json;
using V4Agents.Core.Journal;
using V4Agents.Core.Tasks;
using V4Agents.TestKit.Tasks;
using Xunit;
using static V4Agents.TestKit.Tasks.Events;

namespace V4Agents.Core.Tests.Journal;

/// <summary>
/// Journals as releases wrote them. A file of an old release never changes. Where the current one differs from the code, somebody changed a stored shape:
/// that takes a new version of the kind and an upcast, or an optional field.
/// </summary>
public sealed class GoldenJournalTests
{
    [Fact]
    public void Release010_Folds_AsItDidThere()
    {
        var state = Fold([.. StoredJournal.Decode(TheTask, 0, 0, Read("release-0.1.0.jsonl")).Select(entry => entry.Event)]);

        // Both as release 0.1.0 computed them from this journal.
        Assert.Equal("e8821429b7ad32420c546ea5747aa379617302104fe520e41cbfcf366c0f48aa", state.Prompt);
        Assert.Equal(
            new TaskSummary(
                TheTask, 32, "local", "It breaks", "/repo", Ref: null, new string('c', 40), "issue-to-patch", "finished", TaskOutcome.Verified, Failure: null,
                "because", Steps: 3, PromptTokens: 912, CacheHitTokens: 512, OutputTokens: 200, CostUsd: 0.03m, UnconfirmedUsd: 0.25m, PatchFiles: 1,
                PatchAdditions: 2, PatchDeletions: 3, ChecksPassed: 1, Checks: 1, CancelRequested: true, Finished: true, Noon,
                Noon.AddMinutes(9).AddTicks(1_234_560)),
            state.Summarize());
        Assert.Empty(state.Checkpoints);
    }

    [Fact]
    public void Release010_WhenUpcast_EqualsWhatIsWrittenNow()
    {
        var started = StoredJournal.Decode(TheTask, 0, 0, Read("release-0.1.0.jsonl")).Select(entry => entry.Event).OfType<TaskEvent.ModelCallStarted>();

        Assert.Equal(((TaskEvent.ModelCallStarted)CallStarted(1)) with { Body = null }, started.ElementAt(1));
    }

    [Fact]
    public void Encode_OfEveryKind_WritesTheGoldenBytes() => Assert.Equal(
        Read("current.jsonl"),
        GoldenTask.EveryKind.Select((e, index) => new StoredEvent(index + 1, EventCodec.NameOf(e).Kind, EventCodec.NameOf(e).Version, EventCodec.Encode(e))));

    [Fact]
    public void Current_Folds_ToTheSameTask()
    {
        var state = Fold([.. StoredJournal.Decode(GoldenTask.Fork, 0, 0, Read("current.jsonl")).Select(entry => entry.Event)]);

        Assert.Equal(Fold([.. GoldenTask.EveryKind]).Summarize(), state.Summarize());
        Assert.Equal(GoldenTask.Fork, state.Id);
        Assert.Equal(GoldenTask.EveryKind.Count, state.Seq);
        Assert.Single(state.Checkpoints);
    }

    /// <summary>A version that was replaced must stay readable, so some file must hold it.</summary>
    [Fact]
    public void EveryVersion_ThatWasEverWritten_IsInAGoldenJournal()
    {
        var held = new[] { "release-0.1.0.jsonl", "current.jsonl" }.SelectMany(Read).Select(row => (row.Kind, row.Version)).ToHashSet();

        Assert.All(
            GoldenTask.EveryKind.Select(EventCodec.NameOf).SelectMany(name => Enumerable.Range(1, name.Version).Select(version => (name.Kind, version))),
            written => Assert.Contains(written, held));
    }

    private static IReadOnlyList<StoredEvent> Read(string file) =>
    [
        .. File.ReadLines(Path.Combine(Checkout.Root, "tests/fixtures/journals", file)).Select(line =>
        {
            using var row = JsonDocument.Parse(line);
            return new StoredEvent(
                row.RootElement.GetProperty("seq").GetInt64(),
                row.RootElement.GetProperty("kind").GetString()!, // Every line has one.
                row.RootElement.GetProperty("version").GetInt32(),
                row.RootElement.GetProperty("payload").GetRawText());
        }),
    ];
}
