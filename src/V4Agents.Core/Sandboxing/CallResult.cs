namespace V4Agents.Core.Sandboxing;

/// <summary>What a call left behind. A command can both time out and have an exit code; the two facts stay apart.</summary>
/// <param name="ExitCode">0 for success; for <c>bash</c> the command's own (128 + signal when killed), for the file tools 1 when refused with the reason in the output.</param>
/// <param name="Output">Standard output and error as they came, up to the runner's bound.</param>
/// <param name="OutputBytes">All bytes written, also those past the bound.</param>
/// <param name="OutputPath">Where the sandbox keeps the stored output, for reading by range.</param>
/// <param name="Interrupted">The sandbox stopped during the call: how far it got is unknown, and it was not run again.</param>
/// <param name="Replayed">The call had finished before and its stored result was returned.</param>
public sealed record CallResult(
    int ExitCode,
    bool TimedOut,
    ReadOnlyMemory<byte> Output,
    long OutputBytes,
    string OutputPath,
    TimeSpan Duration,
    bool Interrupted,
    bool Replayed);
