namespace V4Agents.Core.Workflows;

/// <summary>A workflow file is refused. The message is for people and names line and column of each fault.</summary>
public sealed class WorkflowException(string message, Exception? inner = null) : Exception(message, inner);
