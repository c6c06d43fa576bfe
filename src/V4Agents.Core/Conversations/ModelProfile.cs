namespace V4Agents.Core.Conversations;

/// <summary>The model that serves a role: its API name, effort (<c>none</c>, <c>low</c>, <c>high</c>, <c>max</c>) and the output tokens one call may use.</summary>
public sealed record ModelProfile(string Model, string Effort, int MaxOutputTokens);
