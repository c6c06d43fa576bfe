using System.Reflection;
using V4Agents.Core.Journal;
using V4Agents.Core.Tasks;
using V4Agents.TestKit.Tasks;
using Xunit;
using static V4Agents.TestKit.Tasks.Events;

namespace V4Agents.Core.Tests.Journal;

public sealed class EventCodecTests
{
    [Fact]
    public void Decode_OfWhatWasEncoded_IsTheSameEvent()
    {
        foreach (var e in GoldenTask.EveryKind)
        {
            var name = EventCodec.NameOf(e);
            var json = EventCodec.Encode(e);
            Assert.Equal(json, EventCodec.Encode(EventCodec.Decode(name.Kind, name.Version, json)));
        }

        Assert.Equal(
            typeof(TaskEvent).GetNestedTypes().OrderBy(type => type.Name),
            GoldenTask.EveryKind.Select(e => e.GetType()).Distinct().OrderBy(type => type.Name));
    }

    [Fact]
    public void Encode_OfAnyEvent_StaysSmall() => Assert.All(GoldenTask.EveryKind, e => Assert.InRange(EventCodec.Encode(e).Length, 2, 4096));

    [Fact]
    public void Every_StoredEvent_HasANameOfItsOwn() => Assert.All(
        typeof(TaskEvent).GetNestedTypes(), type => Assert.NotNull(type.GetCustomAttribute<StoredAttribute>()));

    [Theory]
    [InlineData("no.such.kind", 1, "{}")]
    [InlineData("finished", 0, "{\"at\":\"2026-11-24T12:00:00+00:00\"}")]
    [InlineData("finished", 99, "{}")]
    [InlineData("finished", 1, "{\"at\":")]
    [InlineData("finished", 1, "null")]
    [InlineData("finished", 1, "[]")]
    [InlineData("finished", 1, "{}")]
    [InlineData("cancel.requested", 1, "{\"reason\":null,\"at\":\"2026-11-24T12:00:00+00:00\"}")]
    [InlineData("concluded", 1, "{\"outcome\":\"no_such_outcome\",\"failure\":null,\"message\":\"\",\"at\":\"2026-11-24T12:00:00+00:00\"}")]
    [InlineData("concluded", 1, "{\"outcome\":1,\"failure\":null,\"message\":\"\",\"at\":\"2026-11-24T12:00:00+00:00\"}")]
    [InlineData("model_call.started", 1, "[]")]
    [InlineData("model_call.started", 1, "null")]
    [InlineData("model_call.started", 1, "{\"call\":")]
    [InlineData("model_call.started", 1, "{\"call\":1,\"call\":2}")]
    [InlineData("model_call.started", 0, "{}")]
    public void Decode_WhenTheEventIsNotKnown_IsRefusedLoudly(string kind, int version, string payload)
    {
        var failure = Assert.Throws<JournalException>(() => EventCodec.Decode(kind, version, payload));

        Assert.Equal(JournalFault.Unreadable, failure.Fault);
        Assert.Contains($"'{kind}' version {version}", failure.Message);
    }

    /// <summary>A release that adds an optional field may run beside this one.</summary>
    [Fact]
    public void Decode_WhenAFieldIsNotKnown_LeavesItOut() => Assert.Equal(
        new TaskEvent.Finished(Noon), EventCodec.Decode("finished", 1, "{\"at\":\"2026-11-24T12:00:00+00:00\",\"mood\":\"good\"}"));

    [Fact]
    public void Fold_OfStoredEvents_EqualsFoldOfTheOriginals()
    {
        TaskEvent[] originals = [.. GoldenTask.EveryKind];
        var stored = originals.Select(e => (Name: EventCodec.NameOf(e), Json: EventCodec.Encode(e)));

        var replayed = Fold([.. stored.Select(row => EventCodec.Decode(row.Name.Kind, row.Name.Version, row.Json))]);

        Assert.Equal(Fold(originals).Summarize(), replayed.Summarize());
        Assert.Equal(Fold(originals).Prompt, replayed.Prompt);
    }
}
