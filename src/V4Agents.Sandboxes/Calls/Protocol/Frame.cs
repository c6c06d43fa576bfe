namespace V4Agents.Sandboxes.Calls.Protocol;

internal readonly record struct Frame(Message Message, ReadOnlyMemory<byte> Payload);
