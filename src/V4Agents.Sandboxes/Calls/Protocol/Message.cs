using System.Text.Json.Serialization;

namespace V4Agents.Sandboxes.Calls.Protocol;

/// <summary>
/// What the service and the runner in the container say to each other. Compiled into both. Every message belongs to a request id;
/// bulk bytes travel as the frame's payload.
/// </summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(Ping), "ping")]
[JsonDerivedType(typeof(Seed), "seed")]
[JsonDerivedType(typeof(Chunk), "chunk")]
[JsonDerivedType(typeof(PutFile), "put_file")]
[JsonDerivedType(typeof(Call), "call")]
[JsonDerivedType(typeof(Snapshot), "snapshot")]
[JsonDerivedType(typeof(Progress), "progress")]
[JsonDerivedType(typeof(Pong), "pong")]
[JsonDerivedType(typeof(SeedWanted), "seed_wanted")]
[JsonDerivedType(typeof(Seeded), "seeded")]
[JsonDerivedType(typeof(FilePut), "file_put")]
[JsonDerivedType(typeof(CallFinished), "call_finished")]
[JsonDerivedType(typeof(Change), "change")]
[JsonDerivedType(typeof(SnapshotTaken), "snapshot_taken")]
[JsonDerivedType(typeof(Failed), "failed")]
internal abstract record Message(int Request)
{
    public sealed record Ping(int Request) : Message(Request);

    /// <summary>Answered by <see cref="Seeded"/> when it was done before, else by <see cref="SeedWanted"/> and then the chunks are sent.</summary>
    public sealed record Seed(int Request) : Message(Request);

    /// <summary>Payload: a piece of the tar stream.</summary>
    public sealed record Chunk(int Request, bool Last) : Message(Request);

    /// <summary>Payload: the content.</summary>
    public sealed record PutFile(int Request, string Name) : Message(Request);

    /// <summary>Payload: the arguments as JSON.</summary>
    public sealed record Call(int Request, string Id, string Tool, long TimeoutMilliseconds) : Message(Request);

    public sealed record Snapshot(int Request) : Message(Request);

    /// <summary>The request is still worked on; sent every few seconds.</summary>
    public sealed record Progress(int Request) : Message(Request);

    public sealed record Pong(int Request) : Message(Request);

    public sealed record SeedWanted(int Request) : Message(Request);

    public sealed record Seeded(int Request, string Tree) : Message(Request);

    public sealed record FilePut(int Request, string Path) : Message(Request);

    /// <summary>Payload: the stored output.</summary>
    public sealed record CallFinished(int Request, CallRecord Result, string OutputPath, bool Replayed) : Message(Request);

    /// <summary>Payload: the raw content. <paramref name="Mode"/> is git's, or 0 for a deleted path.</summary>
    public sealed record Change(int Request, string Path, int Mode) : Message(Request);

    public sealed record SnapshotTaken(int Request, string Tree) : Message(Request);

    /// <summary>The request cannot be met, and asking again would not help.</summary>
    public sealed record Failed(int Request, string Reason) : Message(Request);
}
