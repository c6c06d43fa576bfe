using V4Agents.Core.Journal;
using V4Agents.Core.Tasks;

namespace V4Agents.Postgres.Journal;

/// <summary>An event as a row of <c>task_events</c>.</summary>
internal sealed record EventRow(long Seq, string Kind, int Version, string Payload, DateTimeOffset At)
{
    public static EventRow Of(long seq, TaskEvent e)
    {
        var name = EventCodec.NameOf(e);
        return new EventRow(seq, name.Kind, name.Version, StorableText.Json(EventCodec.Encode(e)), e.At.ToUniversalTime());
    }
}
