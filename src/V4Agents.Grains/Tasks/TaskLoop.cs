using Microsoft.Extensions.Logging;
using V4Agents.Core.Conversations;
using V4Agents.Core.Journal;
using V4Agents.Core.Repositories;
using V4Agents.Core.Sandboxing;
using V4Agents.Core.Tasks;
using V4Agents.Core.Workflows;
using V4Agents.Grains.Execution;

namespace V4Agents.Grains.Tasks;

/// <summary>Decide, commit the intent, execute, append what happened; until there is nothing to do.</summary>
internal sealed partial class TaskLoop(ITaskRecord record, Workflow workflow, ActionExecutor executor, TimeProvider clock, ILogger logger)
    : IAsyncDisposable
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(5);

    private readonly TaskSession _session = new(workflow);

    public async Task RunAsync(CancellationToken stopping)
    {
        while (true)
        {
            stopping.ThrowIfCancellationRequested();
            var effect = record.BeginEffect();
            var action = Decider.Decide(record.State, workflow, clock.GetUtcNow());
            if (action is TaskAction.Rest)
            {
                return;
            }

            try
            {
                await PerformAsync(action, effect);
            }
            catch (OperationCanceledException) when (effect.IsCancellationRequested)
            {
                // Cancelled by its owner, or the silo stops: the state says which, so decide again.
            }
        }
    }

    public ValueTask DisposeAsync() => _session.DisposeAsync();

    private async Task PerformAsync(TaskAction action, CancellationToken effect)
    {
        if (action is TaskAction.SleepUntil sleep)
        {
            var wait = sleep.At - clock.GetUtcNow();
            await Task.Delay(wait < TimeSpan.Zero ? TimeSpan.Zero : wait < LongestWait ? wait : LongestWait, clock, effect);
            return;
        }

        var name = Name(action);
        LogAction(record.State.Id, name, record.State.Seq);
        var live = new LiveActivity(name, clock.GetUtcNow(), 0, 0);
        record.Show(live);
        try
        {
            if (await executor.IntentAsync(record.State, action, _session, effect) is { } intent)
            {
                effect.ThrowIfCancellationRequested();
                await record.AppendAsync(_ => [intent]);
            }

            var progress = new ProgressSink(it => record.Show(live with { ReasoningChars = it.ReasoningChars, ContentChars = it.ContentChars }));
            var events = await executor.ExecuteAsync(record.State, action, _session, progress, effect);
            await record.AppendAsync(_ => events);
        }
        catch (RepositoryException e)
        {
            await FailAsync(name, FailureCode.Internal, e.Message, e.IsTransient);
        }
        catch (SandboxException e)
        {
            await FailAsync(name, e.IsTransient ? FailureCode.EngineUnavailable : FailureCode.SandboxLost, e.Message, e.IsTransient);
        }
#pragma warning disable CA1031 // The edge of a task: whatever breaks here is recorded as a fact of the task.
        catch (Exception e) when (e is not JournalException && !(e is OperationCanceledException && effect.IsCancellationRequested))
#pragma warning restore CA1031
        {
            LogBroke(e, record.State.Id, name);
            await FailAsync(name, FailureCode.Internal, e.Message, isTransient: true);
        }
        finally
        {
            record.Show(null);
        }
    }

    private async Task FailAsync(string effect, FailureCode code, string message, bool isTransient)
    {
        var now = clock.GetUtcNow();
        await record.AppendAsync(state =>
            [new TaskEvent.EffectFailed(effect, code, Bounded(message), isTransient, now + Backoff.After(state.Fault?.InARow ?? 0), now)]);
    }

    private static string Bounded(string message) => message.Length <= 1_000 ? message : message[..1_000];

    private static string Name(TaskAction action) => action switch
    {
        TaskAction.PrepareRepository => "preparing the repository",
        TaskAction.Verify { Kind: Core.Verification.VerificationKind.Baseline } => "running checks on the untouched commit",
        TaskAction.Verify => "running the gate",
        TaskAction.CallModel call => $"model call ({call.Role.ToString().ToLowerInvariant()}, step {call.Call.Step})",
        TaskAction.OpenSandbox => "opening the sandbox",
        TaskAction.OpenConversation => "packing the repository",
        TaskAction.RunTool tool => $"tool {tool.Call.Name}",
        TaskAction.CapturePatch => "capturing the patch",
        TaskAction.Reconcile => "finding out how an interrupted effect ended",
        TaskAction.CloseSandbox => "closing the sandbox",
        TaskAction.Deliver => "delivering",
        _ => "going on",
    };

    [LoggerMessage(1, LogLevel.Debug, "Task {task}: {action} at event {seq}.")]
    private partial void LogAction(TaskId task, string action, long seq);

    [LoggerMessage(2, LogLevel.Error, "Task {task}: {action} broke.")]
    private partial void LogBroke(Exception e, TaskId task, string action);

    private sealed class ProgressSink(Action<ModelProgress> show) : IProgress<ModelProgress>
    {
        public void Report(ModelProgress value) => show(value);
    }
}
