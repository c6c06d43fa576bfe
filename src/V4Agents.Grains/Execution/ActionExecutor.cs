using V4Agents.Core.Conversations;
using V4Agents.Core.Repositories;
using V4Agents.Core.Tasks;
using V4Agents.Core.Verification;

namespace V4Agents.Grains.Execution;

/// <summary>One switch from action to port. The only place where a task touches the world; what happened comes back as events.</summary>
internal sealed class ActionExecutor(
    ModelCalls models, ToolCalls tools, Workspaces workspaces, Verifications verifications, Deliveries deliveries, Conversations conversations, Halts halts,
    IRepositories repositories, TimeProvider clock)
{
    /// <summary>The fact that must be committed before the action may touch the world; null for actions that are safe to repeat.</summary>
    public async Task<TaskEvent?> IntentAsync(TaskState state, TaskAction action, TaskSession session, CancellationToken cancellationToken) => action switch
    {
        TaskAction.CallModel call => await models.IntentAsync(state, call, session, cancellationToken),
        TaskAction.RunTool tool => await tools.IntentAsync(state, tool, session, cancellationToken),
        TaskAction.Verify verify => new TaskEvent.VerificationStarted(verify.Kind, verify.Number, Now),
        TaskAction.PushBranch push => new TaskEvent.BranchPushStarted(push.Branch, Now),
        TaskAction.Deliver => new TaskEvent.DeliveryStarted(Now),
        _ => null,
    };

    public async Task<IReadOnlyList<TaskEvent>> ExecuteAsync(
        TaskState state, TaskAction action, TaskSession session, EffectProgress progress, CancellationToken cancellationToken) => action switch
        {
            TaskAction.PrepareRepository => [await PrepareAsync(state, cancellationToken)],
            TaskAction.Verify verify => [await verifications.RunAsync(state, verify.Kind, verify.Number, session, cancellationToken)],
            TaskAction.CallModel call => await models.RunAsync(state, call, session, progress, cancellationToken),
            TaskAction.SkipTriage => [new TaskEvent.TriageRecorded(null, Now)],
            TaskAction.OpenSandbox => [await workspaces.OpenAsync(state, session, cancellationToken)],
            TaskAction.RestoreSandbox => [await workspaces.RestoreAsync(state, session, cancellationToken)],
            TaskAction.OpenConversation => [await conversations.OpenAsync(state, session, cancellationToken)],
            TaskAction.RunTool tool => await tools.RunAsync(state, tool.Call, session, progress, cancellationToken),
            TaskAction.RefuseTool tool => [await tools.RefuseAsync(tool.Call, cancellationToken)],
            TaskAction.GiveUpTool tool => [await tools.GiveUpAsync(state, tool.Call, cancellationToken)],
            TaskAction.Nudge nudge => [await conversations.NudgeAsync(nudge.Reason, session, cancellationToken)],
            TaskAction.CapturePatch => [await workspaces.CaptureAsync(state, session, cancellationToken)],
            TaskAction.Reconcile reconcile => await ReconcileAsync(state, reconcile.Open, session, progress, cancellationToken),
            TaskAction.Halt halt => await halts.RunAsync(state, halt.Open, session, cancellationToken),
            TaskAction.AskApproval ask => [new TaskEvent.ApprovalRequested(ask.Number, "the gate passed", Now + session.Workflow.ApprovalTimeout, Now)],
            TaskAction.Conclude it => [new TaskEvent.Concluded(it.Outcome, it.Failure, it.Message, Now)],
            TaskAction.CloseSandbox => [await workspaces.CloseAsync(state, session, cancellationToken)],
            TaskAction.PushBranch push => [await deliveries.PushAsync(state, push.Branch, session, cancellationToken)],
            TaskAction.Deliver => [await deliveries.RunAsync(state, cancellationToken)],
            TaskAction.Finish => [new TaskEvent.Finished(Now)],
            _ => throw new InvalidOperationException($"No execution is written for {action.GetType().Name}."),
        };

    /// <summary>What may be thrown away once these events are committed.</summary>
    public void Recorded(TaskState state, IReadOnlyList<TaskEvent> events)
    {
        foreach (var e in events)
        {
            if (((e as TaskEvent.ModelCallCompleted)?.Call ?? (e as TaskEvent.ModelCallInterrupted)?.Call) is { } call)
            {
                models.Forget(state, call);
            }
        }
    }

    private DateTimeOffset Now => clock.GetUtcNow();

    /// <summary>
    /// A tool call is asked of the sandbox's ledger, by its id. A verification only reads: it runs again in fresh containers.
    /// </summary>
    private async Task<IReadOnlyList<TaskEvent>> ReconcileAsync(
        TaskState state, OpenEffect open, TaskSession session, EffectProgress progress, CancellationToken cancellationToken) => open switch
        {
            OpenEffect.ModelCall it => await models.ReconcileAsync(state, it, session, cancellationToken),
            OpenEffect.ToolCall it => await tools.RunAsync(state, it.Call, session, progress, cancellationToken),
            OpenEffect.Verification it => [await verifications.RunAsync(state, it.Kind, it.Number, session, cancellationToken)],
            _ => throw new InvalidOperationException($"No reconciliation is written for {open.GetType().Name}."),
        };

    private async Task<TaskEvent> PrepareAsync(TaskState state, CancellationToken cancellationToken) =>
        await repositories.PrepareAsync(state.Submission!.Repository, state.Submission.Ref, cancellationToken) switch
        {
            RepositoryOutcome.Ready ready => new TaskEvent.RepositoryPrepared(ready.Repository, Now),
            RepositoryOutcome.Refused refused => new TaskEvent.EffectFailed(
                "preparing the repository", refused.Code, refused.Message, refused.Code == FailureCode.RepositoryUnreachable,
                Now + Backoff.After(state.Fault?.InARow ?? 0), Now),
            var other => throw new InvalidOperationException($"Unknown repository outcome {other.GetType().Name}."),
        };
}
