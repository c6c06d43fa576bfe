namespace V4Agents.Core.Conversations;

/// <summary>A tool as the model is told of it. <see cref="ParametersJson"/> is a JSON schema, sent byte for byte.</summary>
public sealed record ToolDefinition(string Name, string Description, string ParametersJson);
