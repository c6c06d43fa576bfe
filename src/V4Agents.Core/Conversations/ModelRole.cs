namespace V4Agents.Core.Conversations;

/// <summary>What a model call is for. Which model, effort and price serve a role is configuration.</summary>
public enum ModelRole
{
    Solver,
    Triage,
    Summarizer,
    Reviewer,
}
