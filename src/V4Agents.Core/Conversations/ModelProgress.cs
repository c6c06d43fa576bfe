namespace V4Agents.Core.Conversations;

/// <summary>How far a running call is: characters received so far. For display only; nothing is decided on it.</summary>
public readonly record struct ModelProgress(long ReasoningChars, long ContentChars, long KeepAlives);
