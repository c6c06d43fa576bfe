using V4Agents.Sandboxes.Calls.Protocol;

namespace V4Agents.Runner;

/// <param name="Unsaved">The end of the output, when the disk had no room for it.</param>
internal sealed record CallEnd(CallRecord Record, byte[] Unsaved);
