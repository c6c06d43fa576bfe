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
    ITaskJournal journal, IBlobStore blobs, IWorkflowReader workflows, ActionExecutor executor, TaskWork work, LiveTasks live, IFaultPoints faults,
    ILocalSiloDetails silo, TimeProvider clock, ILogger<TaskGrain> logger)
    : Grain, ITaskGrain, IRemindable, ITaskRecord
{
    private const string WakeUp = "wake-up";
    private static readonly TimeSpan CallersPatience = TimeSpan.FromSeconds(10);

    private readonly SemaphoreSlim _appending = new(1, 1);
    private readonly CancellationTokenSource _stopping = new();
    private readonly JournalWriter _writer = new(journal, faults, clock, logger);
    private TaskState _state = TaskState.Empty;
    private CancellationTokenSource _effect = new();
    private CancellationTokenSource _sleep = new();
    private LiveActivity? _live;
    private Task _loop = Task.CompletedTask;
    private bool _owned;
    private bool _again;

    public TaskState State => _state;

    private TaskId Id => new(this.GetPrimaryKeyString());

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        await ReplayAsync(cancellationToken);
        live.Add(Id);
        StartLoop();
    }

    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        live.Remove(Id);
        await _stopping.CancelAsync();
        await _effect.CancelAsync();
        await _loop.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
    }

    public async Task<SubmitAnswer> SubmitAsync(TaskSubmission submission, CancellationToken cancellationToken)
    {
        var created = false;
        if (_state.Submission is null)
        {
            await this.RegisterOrUpdateReminder(WakeUp, TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(1));
            created = await AppendForCallerAsync(state => state.Submission is null ? [new TaskEvent.Submitted(Id, submission, clock.GetUtcNow())] : []) is not null;
            Own(created);
        }

        return Answer(created, submission.RequestHash);
    }

    public async Task<SubmitAnswer> ForkAsync(ForkRequest request, CancellationToken cancellationToken)
    {
        if (_state.Submission is not null)
        {
            return Answer(created: false, request.RequestHash);
        }

        await this.RegisterOrUpdateReminder(WakeUp, TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(1));
        await _appending.WaitAsync(cancellationToken);
        try
        {
            if (_state.Submission is not null)
            {
                return Answer(created: false, request.RequestHash);
            }

            var source = (await journal.ReadAsync(request.Source, afterSeq: 0, cancellationToken)).TakeWhile(entry => entry.Seq <= request.UpTo)
                .Aggregate(TaskState.Empty, (state, entry) => state.Apply(entry.Event));
            var forked = new TaskEvent.Forked(
                Id, request.Source, request.UpTo, request.Step, request.Budget, request.RequestHash, request.Message, request.Text, clock.GetUtcNow());
            var fork = source.Apply(forked);
            await journal.ForkAsync(request.Source, request.UpTo, forked, fork.Summarize(), CancellationToken.None);
            _state = fork;
        }
        catch (JournalException)
        {
            // It may have landed: the next activation reads what is there, and the caller asks again under the same key.
            await _stopping.CancelAsync();
            DeactivateOnIdle();
            throw;
        }
        finally
        {
            _appending.Release();
        }

        Own(created: true);
        return SubmitAnswer.Created;
    }

    public Task<TaskSummary?> StatusAsync(CancellationToken cancellationToken) =>
        Task.FromResult(_state.Submission is null ? null : _state.Summarize());

    public Task<LiveActivity?> LiveAsync(CancellationToken cancellationToken) => Task.FromResult(_live);

    public async Task<bool> CancelAsync(string reason, CancellationToken cancellationToken)
    {
        await RecordAsync(state => state.CancelReason is null, new TaskEvent.CancelRequested(reason, clock.GetUtcNow()));
        if (_state.CancelReason is null || _state.Finished)
        {
            return false;
        }

        // The fact is committed; only now is the running effect told.
        await _effect.CancelAsync();
        return true;
    }

    public async Task<bool> PauseAsync(string reason, CancellationToken cancellationToken)
    {
        await RecordAsync(state => state is { PausedAt: null, CancelReason: null }, new TaskEvent.Paused(reason, clock.GetUtcNow()));
        if (_state is not { Conclusion: null, PausedAt: not null })
        {
            return false;
        }

        // What runs is brought to its end, although the wall time stands still from here.
        _effect.CancelAfter(Timeout.InfiniteTimeSpan);
        return true;
    }

    public async Task<bool> ResumeAsync(CancellationToken cancellationToken)
    {
        await RecordAsync(state => state.PausedAt is not null, new TaskEvent.Resumed(clock.GetUtcNow()));
        return _state is { Submission: not null, Conclusion: null, CancelReason: null, PausedAt: null };
    }

    public Task<bool> SayAsync(BlobId message, string text, CancellationToken cancellationToken) =>
        RecordAsync(state => state.CancelReason is null, new TaskEvent.Said(message, text, clock.GetUtcNow()));

    public async Task<bool> ApproveAsync(int? number, bool approved, string? comment, BlobId? message, CancellationToken cancellationToken)
    {
        var asked = _state.Approval?.Number;
        return asked is { } open && (number ?? open) == open && await RecordAsync(
            state => state is { CancelReason: null } && state.Approval?.Number == open,
            new TaskEvent.ApprovalAnswered(open, approved, comment, message, clock.GetUtcNow()));
    }

    public async Task RefreshAsync(CancellationToken cancellationToken)
    {
        await _appending.WaitAsync(cancellationToken);
        try
        {
            await FoldAsync(await journal.ReadAsync(Id, _state.Seq, _stopping.Token));
        }
        finally
        {
            _appending.Release();
        }

        await _sleep.CancelAsync();
        StartLoop();
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

    public async Task<TaskState?> AppendAsync(Func<TaskState, IReadOnlyList<TaskEvent>> choose)
    {
        await _appending.WaitAsync(_stopping.Token);
        try
        {
            while (true)
            {
                var before = _state;
                var events = choose(before);
                if (events.Count == 0)
                {
                    return null;
                }

                var next = events.Aggregate(before, (state, e) => state.Apply(e));
                try
                {
                    await _writer.AppendAsync(before, events, next, _stopping.Token);
                    _state = next;
                    return before;
                }
                catch (JournalException e) when (e.Fault == JournalFault.Conflict && !_stopping.IsCancellationRequested)
                {
                    var entries = await journal.ReadAsync(Id, before.Seq, _stopping.Token);
                    if (JournalWriter.HoldsFirst(entries, events))
                    {
                        // An earlier try landed after all.
                        _state = next;
                        return before;
                    }

                    if (!await FoldAsync(entries))
                    {
                        throw;
                    }
                }
            }
        }
        catch (JournalException e)
        {
            // Another activation owns the task: this one stops at once. Only the journal knows what is true.
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
        _sleep.Dispose();
        _sleep = CancellationTokenSource.CreateLinkedTokenSource(_effect.Token);
        return _effect.Token;
    }

    public void LimitEffect(TimeSpan time)
    {
        if (time.TotalMilliseconds < int.MaxValue)
        {
            _effect.CancelAfter(time > TimeSpan.Zero ? time : TimeSpan.Zero);
        }
    }

    public Task SleepAsync(TimeSpan time, CancellationToken cancellationToken) =>
        Task.Delay(time, clock, _sleep.Token).ContinueWith(_ => cancellationToken.ThrowIfCancellationRequested(), TaskScheduler.Current);

    public void Show(LiveActivity? activity) => _live = activity;

    /// <summary>For a caller who waits: a database that stays away is an answer too. What was asked for stays in line, and is recorded when it is back.</summary>
    /// <exception cref="JournalException">It does not answer now.</exception>
    private async Task<TaskState?> AppendForCallerAsync(Func<TaskState, IReadOnlyList<TaskEvent>> choose)
    {
        try
        {
            return await AppendAsync(choose).WaitAsync(CallersPatience, clock);
        }
        catch (TimeoutException)
        {
            throw new JournalException(JournalFault.Unavailable, "The database does not answer. What was asked for is recorded when it is back, if the service lives until then.");
        }
    }

    /// <summary>A fact from outside the loop about a task that has no outcome yet. False when it was not recorded.</summary>
    private async Task<bool> RecordAsync(Func<TaskState, bool> isNews, TaskEvent fact)
    {
        var recorded = await AppendForCallerAsync(state => state is { Submission: not null, Conclusion: null } && isNews(state) ? [fact] : []) is not null;
        await _sleep.CancelAsync();
        StartLoop();
        return recorded;
    }

    private SubmitAnswer Answer(bool created, string requestHash) =>
        _state.Submission?.RequestHash != requestHash ? SubmitAnswer.Conflict : created ? SubmitAnswer.Created : SubmitAnswer.AlreadySubmitted;

    /// <summary>
    /// Caller holds the append lock. False when nothing new is there, or something that only a task's owner appends while this activation thought it was
    /// the owner: then it is not any more, and stops. An activation that owns nothing only follows.
    /// </summary>
    private async Task<bool> FoldAsync(IReadOnlyList<JournalEntry> entries)
    {
        if (entries.Count == 0)
        {
            return false;
        }

        if (_owned && !entries.All(entry => ControlFacts.Is(entry.Event)))
        {
            LogFenced(Id, _state.Seq);
            await _stopping.CancelAsync();
            DeactivateOnIdle();
            return false;
        }

        _state = entries.Aggregate(_state, (state, entry) => state.Apply(entry.Event));
        if (entries.Any(entry => entry.Event is TaskEvent.CancelRequested))
        {
            await _effect.CancelAsync();
        }

        return true;
    }

    private async Task ReplayAsync(CancellationToken cancellationToken)
    {
        var entries = await journal.ReadAsync(Id, afterSeq: 0, cancellationToken);
        _state = entries.Aggregate(TaskState.Empty, (state, entry) => state.Apply(entry.Event));
    }

    /// <summary>Whoever commits a task's first event is its first owner.</summary>
    private void Own(bool created)
    {
        _owned |= created;
        StartLoop();
    }

    private bool MayRun => work.Covers(Id) && !_stopping.IsCancellationRequested && _state is { Submission: not null, Finished: false, PausedAt: null };

    private void StartLoop()
    {
        if (!_loop.IsCompleted)
        {
            // It may be about to end: what is new is looked at once more.
            _again = true;
        }
        else if (MayRun)
        {
            _loop = RunLoopAsync();
        }
    }

    private async Task RunLoopAsync()
    {
        // Leave the caller's turn: a submit must not wait for the first effect.
        await Task.Yield();
        do
        {
            _again = false;
            await RunOnceAsync(_state.Submission!.Workflow); // A task that may run was submitted.
        }
        while (_again && MayRun);
    }

    private async Task RunOnceAsync(BlobId workflowBlob)
    {
        try
        {
            if (!_owned)
            {
                await AppendAsync(state => [new TaskEvent.Adopted(state.Epoch + 1, silo.Name, clock.GetUtcNow())]);
                _owned = true;
            }

            var workflow = workflows.Read(await blobs.GetAsync(workflowBlob, _stopping.Token));
            await using var loop = new TaskLoop(this, workflow, executor, faults, clock, logger);
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

    [LoggerMessage(4, LogLevel.Warning, "Task {task}: another process goes on with it after event {seq}; this one stops.")]
    private partial void LogFenced(TaskId task, long seq);

    [LoggerMessage(3, LogLevel.Error, "Task {task}: its loop broke at event {seq}; it starts again when the task is woken.")]
    private partial void LogBroke(Exception e, TaskId task, long seq);

    [LoggerMessage(2, LogLevel.Debug, "Task {task} stops at event {seq}; its journal goes on wherever it is woken next.")]
    private partial void LogStopped(TaskId task, long seq);
}
