namespace V4Agents.Core.Conversations;

/// <summary>A call as the model asked for it: its own id and the arguments as the JSON text it wrote.</summary>
public sealed record ToolCall(string Id, string Name, string Arguments);
