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
[JsonDerivedType(typeof(Stop), "stop")]
[JsonDerivedType(typeof(Snapshot), "snapshot")]
[JsonDerivedType(typeof(Checkpoint), "checkpoint")]
[JsonDerivedType(typeof(Restore), "restore")]
[JsonDerivedType(typeof(Progress), "progress")]
[JsonDerivedType(typeof(Output), "output")]
[JsonDerivedType(typeof(Pong), "pong")]
[JsonDerivedType(typeof(SeedWanted), "seed_wanted")]
[JsonDerivedType(typeof(Seeded), "seeded")]
[JsonDerivedType(typeof(FilePut), "file_put")]
[JsonDerivedType(typeof(CallFinished), "call_finished")]
[JsonDerivedType(typeof(Stopped), "stopped")]
[JsonDerivedType(typeof(Change), "change")]
[JsonDerivedType(typeof(SnapshotTaken), "snapshot_taken")]
[JsonDerivedType(typeof(Checkpointed), "checkpointed")]
[JsonDerivedType(typeof(BundleWanted), "bundle_wanted")]
[JsonDerivedType(typeof(Restored), "restored")]
[JsonDerivedType(typeof(Failed), "failed")]
internal abstract record Message(int Request)
{
    public sealed record Ping(int Request) : Message(Request);

    /// <summary>Answered by <see cref="Seeded"/> when it was done before, else by <see cref="SeedWanted"/> and then the chunks are sent.</summary>
    public sealed record Seed(int Request) : Message(Request);

    /// <summary>Payload: a piece of the tar stream, or a whole bundle.</summary>
    public sealed record Chunk(int Request, bool Last) : Message(Request);

    /// <summary>Payload: the content.</summary>
    public sealed record PutFile(int Request, string Name) : Message(Request);

    /// <summary>Payload: the arguments as JSON. With <paramref name="Live"/>, answered by <see cref="Output"/> now and then before the end.</summary>
    public sealed record Call(int Request, string Id, string Tool, long TimeoutMilliseconds, bool Live = false) : Message(Request);

    public sealed record Stop(int Request) : Message(Request);

    public sealed record Snapshot(int Request) : Message(Request);

    public sealed record Checkpoint(int Request, string? Since) : Message(Request);

    /// <summary>
    /// Payload: a line of tree and commit for each checkpoint, oldest first. Answered by a <see cref="BundleWanted"/> for each bundle that is not
    /// there yet, which one <see cref="Chunk"/> answers, and then by <see cref="Restored"/>.
    /// </summary>
    public sealed record Restore(int Request) : Message(Request);

    /// <summary>The request is still worked on; sent every few seconds.</summary>
    public sealed record Progress(int Request) : Message(Request);

    /// <summary>Payload: the end of what the call has written so far, cut at any byte.</summary>
    public sealed record Output(int Request, long Total) : Message(Request);

    /// <param name="Boot">Another one after each start of the runner.</param>
    public sealed record Pong(int Request, string? Boot = null) : Message(Request);

    public sealed record SeedWanted(int Request) : Message(Request);

    public sealed record Seeded(int Request, string Tree) : Message(Request);

    public sealed record FilePut(int Request, string Path) : Message(Request);

    /// <summary>Payload: the stored output.</summary>
    public sealed record CallFinished(int Request, CallRecord Result, string OutputPath, bool Replayed) : Message(Request);

    public sealed record Stopped(int Request, int Calls, int Processes) : Message(Request);

    /// <summary>Payload: the raw content. <paramref name="Mode"/> is git's, or 0 for a deleted path.</summary>
    public sealed record Change(int Request, string Path, int Mode) : Message(Request);

    public sealed record SnapshotTaken(int Request, string Tree) : Message(Request);

    /// <summary>Payload: the bundle, empty when nothing changed.</summary>
    public sealed record Checkpointed(int Request, string Tree, string Commit) : Message(Request);

    public sealed record BundleWanted(int Request, int Index) : Message(Request);

    public sealed record Restored(int Request, string Tree) : Message(Request);

    /// <summary>The request cannot be met, and asking again would not help.</summary>
    /// <param name="Damaged">Nor would asking for something else: the sandbox is not what it was.</param>
    public sealed record Failed(int Request, string Reason, bool Damaged = false) : Message(Request);
}
