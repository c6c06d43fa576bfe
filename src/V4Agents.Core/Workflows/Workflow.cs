using V4Agents.Core.Budgets;

namespace V4Agents.Core.Workflows;

/// <summary>A workflow file as read: the policy's numbers and the words the model sees. Pinned in a task by the hash of the file's bytes.</summary>
/// <param name="GateAttempts">How often the model may submit before the task ends as gate-failed.</param>
/// <param name="ApprovalTimeout">How long a patch that needs approval waits for it; then the task ends as declined.</param>
/// <param name="Nudges">How often in a row a reply without a tool call is answered with a reminder.</param>
public sealed record Workflow(
    string Name,
    Budget Budget,
    int GateAttempts,
    int Nudges,
    int ModelAttempts,
    TimeSpan CallTimeout,
    TimeSpan CheckTimeout,
    TimeSpan ApprovalTimeout,
    int PackBytes,
    WorkflowPrompts Prompts);
