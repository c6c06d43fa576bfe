namespace V4Agents.Core.Sandboxing;

/// <summary>What a stop found: calls that were running and are over now, and processes that had to be killed.</summary>
public readonly record struct StoppedCalls(int Calls, int Processes);
