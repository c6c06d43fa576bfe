namespace V4Agents.Sandboxes.Calls.Protocol;

/// <param name="Length">What a frame that was read took on the wire.</param>
internal readonly record struct Frame(Message Message, ReadOnlyMemory<byte> Payload, int Length = 0);
