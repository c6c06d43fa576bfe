using V4Agents.Client.Contract;

namespace V4Agents.Client;

/// <summary>What an event stream brings.</summary>
public abstract record TaskUpdate
{
    private TaskUpdate() { }

    public sealed record Recorded(EventBody Event) : TaskUpdate;

    /// <summary>Not part of the record: it may be missed, and is never sent again.</summary>
    public sealed record Progress(LiveBody Live) : TaskUpdate;

    /// <summary>The service, or its database, is away since then; the stream goes on when it is back.</summary>
    public sealed record Waiting(string Reason, DateTimeOffset Since) : TaskUpdate;
}
