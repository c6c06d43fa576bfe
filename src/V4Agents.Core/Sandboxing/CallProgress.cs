namespace V4Agents.Core.Sandboxing;

/// <summary>How far a running call is, for display: nothing is decided on it.</summary>
/// <param name="OutputBytes">All bytes the call has written so far.</param>
/// <param name="Tail">The end of the output, at most a few KiB, as text.</param>
public readonly record struct CallProgress(long OutputBytes, string Tail);
