using Microsoft.Extensions.Logging;
using V4Agents.Core.Journal;
using V4Agents.Core.Repositories;
using V4Agents.Core.Sandboxing;
using V4Agents.Core.Tasks;
using V4Agents.Core.Verification;
using V4Agents.Core.Workflows;
using V4Agents.Grains.Execution;

namespace V4Agents.Grains.Tasks;

/// <summary>Decide, commit the intent, execute, append what happened; until there is nothing to do.</summary>
internal sealed partial class TaskLoop(
    ITaskRecord record, Workflow workflow, ActionExecutor executor, IFaultPoints faults, TimeProvider clock, ILogger logger) : IAsyncDisposable
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(5);

    private readonly TaskSession _session = new(workflow);
    private readonly WallClock _wall = new(clock);

    public async Task RunAsync(CancellationToken stopping)
    {
        while (true)
        {
            stopping.ThrowIfCancellationRequested();
            if (_wall.Jump() is { } jump)
            {
                LogClockJumped(record.State.Id, jump);
                await record.AppendAsync(_ => [new TaskEvent.ClockAdjusted(Math.Round(jump.TotalSeconds, 3), clock.GetUtcNow())]);
            }

            var effect = record.BeginEffect();
            var state = record.State;
            var action = Decider.Decide(state, workflow, clock.GetUtcNow());
            if (action is TaskAction.Rest)
            {
                return;
            }

            if (EndsWithTheWallTime(action) && state.Conclusion is null)
            {
                record.LimitEffect(state.Deadline - clock.GetUtcNow());
            }

            try
            {
                await PerformAsync(state, action, effect);
            }
            catch (OperationCanceledException) when (effect.IsCancellationRequested)
            {
                // Cancelled by its owner, out of time, or the silo stops: the state says which, so decide again.
            }
        }
    }

    public ValueTask DisposeAsync() => _session.DisposeAsync();

    /// <summary>What was submitted is still verified, and what has its outcome delivered, after the wall time.</summary>
    private static bool EndsWithTheWallTime(TaskAction action) =>
        ((action as TaskAction.Reconcile)?.Open, action) switch
        {
            (OpenEffect.ModelCall or OpenEffect.ToolCall or OpenEffect.Verification { Kind: VerificationKind.Baseline }, _) => true,
            (null, TaskAction.CallModel or TaskAction.RunTool or TaskAction.Verify { Kind: VerificationKind.Baseline }) => true,
            _ => false,
        };

    private async Task PerformAsync(TaskState state, TaskAction action, CancellationToken effect)
    {
        if (action is TaskAction.SleepUntil sleep)
        {
            var wait = sleep.At - clock.GetUtcNow();
            await record.SleepAsync(wait < TimeSpan.Zero ? TimeSpan.Zero : wait < LongestWait ? wait : LongestWait, effect);
            return;
        }

        var name = ActionNames.Of(action);
        LogAction(state.Id, name, state.Seq);
        var live = new LiveActivity(name, clock.GetUtcNow());
        record.Show(live);
        try
        {
            if (await executor.IntentAsync(state, action, _session, effect) is { } intent)
            {
                effect.ThrowIfCancellationRequested();
                if (await AppendUnlessStaleAsync(state, [intent]) is null)
                {
                    return;
                }

                state = record.State;
            }

            var progress = new EffectProgress(
                it => record.Show(live with { ReasoningChars = it.ReasoningChars, ContentChars = it.ContentChars }),
                it => record.Show(live with { OutputBytes = it.OutputBytes, OutputTail = it.Tail }));
            var executing = executor.ExecuteAsync(state, action, _session, progress, effect);
            faults.Reach($"during:{ActionNames.Kind(action)}");
            var events = await executing;
            faults.Reach($"after:{ActionNames.Kind(action)}");
            if (action is TaskAction.Conclude or TaskAction.AskApproval)
            {
                // What a person said meanwhile may change the decision.
                await AppendUnlessStaleAsync(state, events);
            }
            else
            {
                await record.AppendAsync(_ => events);
            }

            executor.Recorded(state, events);
        }
        catch (JournalException e) when (e.IsTransient)
        {
            // The database was away for something that can be done again; recording that waits until it is back.
            await FailAsync(name, FailureCode.Internal, e.Message, isTransient: true);
        }
        catch (RepositoryException e)
        {
            await FailAsync(name, e.IsTransient ? FailureCode.RepositoryUnreachable : FailureCode.Internal, e.Message, e.IsTransient);
        }
        catch (SandboxException e) when (e.IsLost && record.State.Sandbox is { } lost)
        {
            await _session.DisposeAsync();
            await record.AppendAsync(_ => [new TaskEvent.SandboxLost(lost, Bounded(e.Message), clock.GetUtcNow())]);
        }
        catch (SandboxException e)
        {
            await FailAsync(name, e.IsTransient ? FailureCode.EngineUnavailable : FailureCode.SandboxLost, e.Message, e.IsTransient);
        }
#pragma warning disable CA1031 // The edge of a task: whatever breaks here is recorded as a fact of the task.
        catch (Exception e) when (e is not JournalException && !(e is OperationCanceledException && effect.IsCancellationRequested))
#pragma warning restore CA1031
        {
            LogBroke(e, state.Id, name);
            await FailAsync(name, FailureCode.Internal, e.Message, isTransient: true);
        }
        finally
        {
            record.Show(null);
        }
    }

    /// <summary>Null, and nothing appended, when the task has moved on since <paramref name="decided"/>: the decision is made again.</summary>
    private Task<TaskState?> AppendUnlessStaleAsync(TaskState decided, IReadOnlyList<TaskEvent> events) =>
        record.AppendAsync(state => state.Seq == decided.Seq ? events : []);

    private async Task FailAsync(string effect, FailureCode code, string message, bool isTransient)
    {
        var now = clock.GetUtcNow();
        await record.AppendAsync(state =>
            [new TaskEvent.EffectFailed(effect, code, Bounded(message), isTransient, now + Backoff.After(state.Fault?.InARow ?? 0), now)]);
    }

    private static string Bounded(string message) => message.Length <= 1_000 ? message : message[..1_000];

    [LoggerMessage(1, LogLevel.Debug, "Task {task}: {action} at event {seq}.")]
    private partial void LogAction(TaskId task, string action, long seq);

    [LoggerMessage(2, LogLevel.Error, "Task {task}: {action} broke.")]
    private partial void LogBroke(Exception e, TaskId task, string action);

    [LoggerMessage(3, LogLevel.Warning, "Task {task}: the clock jumped by {jump} against the machine's count of time.")]
    private partial void LogClockJumped(TaskId task, TimeSpan jump);
}
