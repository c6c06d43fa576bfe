using System.Collections.Concurrent;
using V4Agents.Core.Blobs;
using V4Agents.Core.Journal;
using V4Agents.Core.Tasks;

namespace V4Agents.TestKit.Fakes;

/// <summary>Journal, projection and blobs in memory, with the same promises: what is not appended did not happen, a taken seq is a conflict.</summary>
public sealed class MemoryJournal : ITaskJournal, ITaskSummaries, IForeignAppends, IBlobStore
{
    private readonly Lock _lock = new();
    private readonly Dictionary<TaskId, List<(string Kind, int Version, string Payload)>> _events = [];
    private readonly Dictionary<TaskId, TaskSummary> _summaries = [];
    private readonly ConcurrentDictionary<BlobId, byte[]> _blobs = new();

    /// <summary>Awaited with the events about to be appended: never completing is a service that died before the append, throwing a database that is away.</summary>
    public Func<TaskId, IReadOnlyList<TaskEvent>, Task> BeforeAppend { get; set; } = (_, _) => Task.CompletedTask;

    /// <summary>Awaited after the append: never completing is a service that died right after it, throwing a connection that broke during the commit.</summary>
    public Func<TaskId, IReadOnlyList<TaskEvent>, Task> AfterAppend { get; set; } = (_, _) => Task.CompletedTask;

    public Task<IReadOnlyList<JournalEntry>> ReadAsync(TaskId task, long afterSeq, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            var rows = _events.GetValueOrDefault(task, []);
            return Task.FromResult<IReadOnlyList<JournalEntry>>(
                [.. rows.Select((row, i) => new JournalEntry(i + 1, EventCodec.Decode(row.Kind, row.Version, row.Payload))).Where(entry => entry.Seq > afterSeq)]);
        }
    }

    public async Task AppendAsync(TaskId task, long expectedSeq, IReadOnlyList<TaskEvent> events, TaskSummary summary, CancellationToken cancellationToken)
    {
        await BeforeAppend(task, events);
        lock (_lock)
        {
            var rows = _events.TryGetValue(task, out var known) ? known : _events[task] = [];
            if (rows.Count != expectedSeq)
            {
                throw new JournalException(JournalFault.Conflict, $"{task} is at {rows.Count}, not {expectedSeq}.");
            }

            rows.AddRange(events.Select(e => (EventCodec.NameOf(e).Kind, EventCodec.NameOf(e).Version, EventCodec.Encode(e))));
            _summaries[task] = summary;
        }

        await AfterAppend(task, events);
    }

    public async Task ForkAsync(TaskId source, long upTo, TaskEvent.Forked forked, TaskSummary summary, CancellationToken cancellationToken)
    {
        await BeforeAppend(forked.Task, [forked]);
        lock (_lock)
        {
            if (_events.ContainsKey(forked.Task))
            {
                throw new JournalException(JournalFault.Conflict, $"{forked.Task} has begun already.");
            }

            _events[forked.Task] = [.. _events[source].Take((int)upTo), (EventCodec.NameOf(forked).Kind, EventCodec.NameOf(forked).Version, EventCodec.Encode(forked))];
            _summaries[forked.Task] = summary;
        }

        await AfterAppend(forked.Task, [forked]);
    }

    public Task<TaskSummary?> FindAsync(TaskId task, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            return Task.FromResult(_summaries.GetValueOrDefault(task));
        }
    }

    public Task<IReadOnlyList<TaskSummary>> ListAsync(string tenant, TaskId? before, int limit, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            var newestFirst = _summaries.Values.Where(summary => summary.Tenant == tenant).OrderByDescending(summary => summary.SubmittedAt);
            var rest = before is null ? newestFirst : newestFirst.SkipWhile(summary => summary.Id != before).Skip(1);
            return Task.FromResult<IReadOnlyList<TaskSummary>>([.. rest.Take(limit)]);
        }
    }

    public Task<IReadOnlyList<TaskId>> UnfinishedAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            return Task.FromResult<IReadOnlyList<TaskId>>([.. _summaries.Values.Where(summary => !summary.Finished).Select(summary => summary.Id)]);
        }
    }

    public Task<IReadOnlyList<TaskSummary>> ListUnfinishedAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            return Task.FromResult<IReadOnlyList<TaskSummary>>([.. _summaries.Values.Where(summary => !summary.Finished).OrderBy(summary => summary.SubmittedAt)]);
        }
    }

    private readonly System.Threading.Channels.Channel<TaskId?> _foreign = System.Threading.Channels.Channel.CreateUnbounded<TaskId?>();

    public IAsyncEnumerable<TaskId?> ListenAsync(CancellationToken cancellationToken) => _foreign.Reader.ReadAllAsync(cancellationToken);

    /// <summary>Another process appends.</summary>
    public async Task AppendFromOutsideAsync(TaskId task, TaskEvent e)
    {
        var state = (await ReadAsync(task, 0, CancellationToken.None)).Aggregate(TaskState.Empty, (folded, entry) => folded.Apply(entry.Event));
        await AppendAsync(task, state.Seq, [e], state.Apply(e).Summarize(), CancellationToken.None);
        _foreign.Writer.TryWrite(task);
    }

    public Task WaitAsync(TaskId task, long afterSeq, CancellationToken cancellationToken) => Task.CompletedTask;

    public Task<BlobId> PutAsync(ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        var id = BlobId.Of(content.Span);
        _blobs[id] = content.ToArray();
        return Task.FromResult(id);
    }

    public Task<ReadOnlyMemory<byte>> GetAsync(BlobId id, CancellationToken cancellationToken) =>
        _blobs.TryGetValue(id, out var bytes) ? Task.FromResult<ReadOnlyMemory<byte>>(bytes) : throw new BlobNotFoundException(id);
}
