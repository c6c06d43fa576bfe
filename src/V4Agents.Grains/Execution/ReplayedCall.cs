using V4Agents.Core.Tasks;

namespace V4Agents.Grains.Execution;

/// <summary>A model call as the journal has it, and the request body made again from the journal.</summary>
public sealed record ReplayedCall(long Seq, TaskEvent.ModelCallStarted Started, long Bytes, string Sha256);
