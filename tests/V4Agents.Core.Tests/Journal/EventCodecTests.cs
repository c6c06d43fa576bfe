using System.Reflection;
using V4Agents.Core.Conversations;
using V4Agents.Core.Journal;
using V4Agents.Core.Tasks;
using V4Agents.Core.Verification;
using Xunit;
using static V4Agents.TestKit.Tasks.Events;

namespace V4Agents.Core.Tests.Journal;

public sealed class EventCodecTests
{
    private static readonly TaskEvent[] OneOfEach =
    [
        .. Working(
            CallStarted(1), CallCompleted(1, "bash", "submit"), ToolStarted(1, 0), ToolCompleted(1, 0), PatchCaptured(APatch),
            Verified(VerificationKind.Gate, passed: false, 2, "a problem"), CallFailed(2, ModelFailure.RateLimited),
            new TaskEvent.ModelCallInterrupted(new CallId(2, 1), ModelRole.Solver, 0.25m, Noon), new TaskEvent.Nudged("cut", Blob("n"), Noon),
            new TaskEvent.EffectFailed("tool", FailureCode.EngineUnavailable, "down", true, Noon, Noon), new TaskEvent.CancelRequested("stop", Noon),
            Concluded(), new TaskEvent.SandboxClosed(new("box"), Noon), new TaskEvent.DeliveryStarted(Noon),
            new TaskEvent.DeliveryCompleted(Blob("p"), Blob("r"), Blob("c"), Noon), new TaskEvent.Finished(Noon)),
    ];

    [Fact]
    public void Decode_OfWhatWasEncoded_IsTheSameEvent()
    {
        foreach (var e in OneOfEach)
        {
            var name = EventCodec.NameOf(e);
            var json = EventCodec.Encode(e);
            Assert.Equal(json, EventCodec.Encode(EventCodec.Decode(name.Kind, name.Version, json)));
        }

        var kinds = typeof(TaskEvent).GetNestedTypes().Where(type => type.GetCustomAttribute<StoredAttribute>() is not null);
        Assert.Equal(kinds.OrderBy(type => type.Name), OneOfEach.Select(e => e.GetType()).Distinct().OrderBy(type => type.Name));
    }

    [Fact]
    public void Encode_OfAnyEvent_StaysSmall() => Assert.All(OneOfEach, e => Assert.InRange(EventCodec.Encode(e).Length, 2, 4096));

    [Fact]
    public void Every_StoredEvent_HasANameOfItsOwn() => Assert.All(
        typeof(TaskEvent).GetNestedTypes(), type => Assert.NotNull(type.GetCustomAttribute<StoredAttribute>()));

    [Theory]
    [InlineData("no.such.kind", 1, "{}")]
    [InlineData("finished", 99, "{}")]
    [InlineData("finished", 1, "{\"at\":")]
    [InlineData("finished", 1, "null")]
    public void Decode_WhenTheEventIsNotKnown_IsRefusedLoudly(string kind, int version, string payload) =>
        Assert.Equal(JournalFault.Unreadable, Assert.Throws<JournalException>(() => EventCodec.Decode(kind, version, payload)).Fault);

    [Fact]
    public void Fold_OfStoredEvents_EqualsFoldOfTheOriginals()
    {
        var stored = OneOfEach.Select(e => (Name: EventCodec.NameOf(e), Json: EventCodec.Encode(e)));

        var replayed = Fold([.. stored.Select(row => EventCodec.Decode(row.Name.Kind, row.Name.Version, row.Json))]);

        Assert.Equal(Fold(OneOfEach).Summarize(), replayed.Summarize());
        Assert.Equal(Fold(OneOfEach).Prompt, replayed.Prompt);
    }
}
