using Microsoft.Extensions.Logging;
using Orleans.Concurrency;
using V4Agents.Core.Blobs;
using V4Agents.Core.Journal;
using V4Agents.Core.Tasks;
using V4Agents.Core.Workflows;
using V4Agents.Grains.Execution;
using V4Agents.Grains.Hosting;

namespace V4Agents.Grains.Tasks;

/// <summary>A thin shell around one task's state: replay, append, answer. The work is <see cref="TaskLoop"/>'s.</summary>
[Reentrant]
internal sealed partial class TaskGrain(
    ITaskJournal journal, IBlobStore blobs, IWorkflowReader workflows, ActionExecutor executor, TaskWork work, TimeProvider clock, ILogger<TaskGrain> logger)
    : Grain, ITaskGrain, IRemindable, ITaskRecord
{
    private const string WakeUp = "wake-up";

    private readonly SemaphoreSlim _appending = new(1, 1);
    private readonly CancellationTokenSource _stopping = new();
    private TaskState _state = TaskState.Empty;
    private CancellationTokenSource _effect = new();
    private LiveActivity? _live;
    private Task _loop = Task.CompletedTask;

    public TaskState State => _state;

    private TaskId Id => new(this.GetPrimaryKeyString());

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        var entries = await journal.ReadAsync(Id, afterSeq: 0, cancellationToken);
        _state = entries.Aggregate(TaskState.Empty, (state, entry) => state.Apply(entry.Event));
        StartLoop();
    }

    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        await _effect.CancelAsync();
        await _loop.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
    }

    public async Task<SubmitAnswer> SubmitAsync(TaskSubmission submission, CancellationToken cancellationToken)
    {
        if (_state.Submission is null)
        {
            await this.RegisterOrUpdateReminder(WakeUp, TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(1));
            await AppendAsync(state => state.Submission is null ? [new TaskEvent.Submitted(Id, submission, clock.GetUtcNow())] : []);
            StartLoop();
            return _state.Submission?.RequestHash == submission.RequestHash ? SubmitAnswer.Created : SubmitAnswer.Conflict;
        }

        return _state.Submission.RequestHash == submission.RequestHash ? SubmitAnswer.AlreadySubmitted : SubmitAnswer.Conflict;
    }

    public Task<TaskSummary?> StatusAsync(CancellationToken cancellationToken) =>
        Task.FromResult(_state.Submission is null ? null : _state.Summarize());

    public Task<LiveActivity?> LiveAsync(CancellationToken cancellationToken) => Task.FromResult(_live);

    public async Task<bool> CancelAsync(string reason, CancellationToken cancellationToken)
    {
        await AppendAsync(state => state is { Submission: not null, Conclusion: null, CancelReason: null }
            ? [new TaskEvent.CancelRequested(reason, clock.GetUtcNow())]
            : []);
        if (_state.CancelReason is null || _state.Finished)
        {
            return false;
        }

        // The fact is committed; only now is the running effect told.
        await _effect.CancelAsync();
        StartLoop();
        return true;
    }

    public Task WakeAsync(CancellationToken cancellationToken)
    {
        StartLoop();
        return Task.CompletedTask;
    }

    public async Task ReceiveReminder(string reminderName, TickStatus status)
    {
        StartLoop();
        await ForgetReminderAsync();
    }

    public async Task AppendAsync(Func<TaskState, IReadOnlyList<TaskEvent>> choose)
    {
        await _appending.WaitAsync();
        try
        {
            var events = choose(_state);
            if (events.Count == 0)
            {
                return;
            }

            var next = events.Aggregate(_state, (state, e) => state.Apply(e));
            await journal.AppendAsync(Id, _state.Seq, events, next.Summarize(), CancellationToken.None);
            _state = next;
        }
        catch (JournalException e)
        {
            // Another activation owns the task, or the write may have landed. Only the journal knows: stop and replay.
            LogJournalRefused(Id, e.Fault, e.Message);
            await _stopping.CancelAsync();
            DeactivateOnIdle();
            throw;
        }
        finally
        {
            _appending.Release();
        }
    }

    public CancellationToken BeginEffect()
    {
        _effect.Dispose();
        _effect = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
        return _effect.Token;
    }

    public void Show(LiveActivity? activity) => _live = activity;

    private void StartLoop()
    {
        if (work.Enabled && _loop.IsCompleted && !_stopping.IsCancellationRequested && _state is { Submission: not null, Finished: false })
        {
            _loop = RunLoopAsync(_state.Submission.Workflow);
        }
    }

    private async Task RunLoopAsync(BlobId workflowBlob)
    {
        // Leave the caller's turn: a submit must not wait for the first effect.
        await Task.Yield();
        try
        {
            var workflow = workflows.Read(await blobs.GetAsync(workflowBlob, _stopping.Token));
            await using var loop = new TaskLoop(this, workflow, executor, clock, logger);
            await loop.RunAsync(_stopping.Token);
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            LogStopped(Id, _state.Seq);
        }
        catch (JournalException e)
        {
            LogJournalRefused(Id, e.Fault, e.Message);
            DeactivateOnIdle();
        }
#pragma warning disable CA1031 // The last edge of a task: nobody awaits the loop, so what it did not expect must at least be seen. It is woken again.
        catch (Exception e)
#pragma warning restore CA1031
        {
            LogBroke(e, Id, _state.Seq);
        }
        finally
        {
            _live = null;
        }

        await ForgetReminderAsync();
    }

    /// <summary>A finished task, and one whose submission never landed, needs no waking.</summary>
    private async Task ForgetReminderAsync()
    {
        if (_state is { Finished: true } or { Submission: null } && await this.GetReminder(WakeUp) is { } reminder)
        {
            await this.UnregisterReminder(reminder);
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "Task {task}: the journal did not take the append ({fault}): {message} Replaying.")]
    private partial void LogJournalRefused(TaskId task, JournalFault fault, string message);

    [LoggerMessage(3, LogLevel.Error, "Task {task}: its loop broke at event {seq}; it starts again when the task is woken.")]
    private partial void LogBroke(Exception e, TaskId task, long seq);

    [LoggerMessage(2, LogLevel.Debug, "Task {task} stops at event {seq}; its journal goes on wherever it is woken next.")]
    private partial void LogStopped(TaskId task, long seq);
}
