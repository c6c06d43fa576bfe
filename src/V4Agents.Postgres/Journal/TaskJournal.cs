using Npgsql;
using V4Agents.Core.Journal;
using V4Agents.Core.Tasks;

namespace V4Agents.Postgres.Journal;

/// <summary>Events, summary, ledger, checkpoints and the notification of readers in one transaction, shared with what is appended at the same time.</summary>
internal sealed class TaskJournal(NpgsqlDataSource database) : ITaskJournal, IAsyncDisposable
{
    /// <summary>Who is notified hears the task's id and the writer's, with a space between.</summary>
    public const string Channel = "task_events";

    /// <summary>This process among the writers.</summary>
    public static readonly string Writer = Guid.NewGuid().ToString("N");

    private readonly AppendQueue _queue = new(new GroupWriter(database).WriteAsync);

    public Task<IReadOnlyList<JournalEntry>> ReadAsync(TaskId task, long afterSeq, CancellationToken cancellationToken) =>
        Faults.GuardAsync(() => StoredEvents.ReadAsync(database, task, afterSeq, cancellationToken));

    public Task AppendAsync(
        TaskId task, long expectedSeq, IReadOnlyList<TaskEvent> events, TaskSummary summary, CancellationToken cancellationToken) =>
        _queue.AppendAsync(new PendingAppend(task, expectedSeq, events, summary), cancellationToken);

    public Task ForkAsync(TaskId source, long upTo, TaskEvent.Forked forked, TaskSummary summary, CancellationToken cancellationToken) =>
        Fork.WriteAsync(database, source, upTo, forked, summary, cancellationToken);

    /// <summary>What was accepted is still written.</summary>
    public ValueTask DisposeAsync() => _queue.DisposeAsync();
}
