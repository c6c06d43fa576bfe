namespace V4Agents.Core.Workflows;

/// <summary>Texts with <c>{{name}}</c> placeholders; the loader refuses a placeholder that the prompt does not have.</summary>
public sealed record WorkflowPrompts(string System, string Task, string Triage, string Nudge, string Cut, string GateFailed);
