using V4Agents.Core.Tasks;

namespace V4Agents.Postgres.Journal;

/// <summary>
/// Groups what is appended at the same time. Nobody waits for company: an append that finds a writer free is written at once, and those that come while
/// the writers are at work go together as soon as one is free. Two appends of one task never meet in a group or in two groups under way.
/// </summary>
/// <param name="write">Writes a group and gives every append its end; does not throw.</param>
internal sealed class AppendQueue(Func<IReadOnlyList<PendingAppend>, Task> write) : IAsyncDisposable
{
    /// <summary>One group is worked out while another waits for the disk. More would only make the groups smaller.</summary>
    private const int MaxWriters = 2;

    private const int MaxGroup = 128;
    private const int MaxGroupLength = 4 * 1024 * 1024;

    private readonly Lock _gate = new();
    private readonly LinkedList<PendingAppend> _waiting = [];
    private readonly HashSet<TaskId> _underWay = [];
    private readonly TaskCompletionSource _drained = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _writers;
    private bool _closed;

    /// <summary>Completes with the append's end. Cancelling helps only until the append is taken into a group: from then on it ends by itself.</summary>
    public async Task AppendAsync(PendingAppend append, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        LinkedListNode<PendingAppend> place;
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_closed, typeof(TaskJournal));
            place = _waiting.AddLast(append);
            if (_writers < MaxWriters && !_underWay.Contains(append.Task))
            {
                _writers++;

                // Not on the caller's scheduler, and without the caller's context: the writer goes on with what others append.
                using (ExecutionContext.SuppressFlow())
                {
                    _ = Task.Run(WriteAsync, CancellationToken.None);
                }
            }
        }

        await using (cancellationToken.UnsafeRegister(_ => Withdraw(place, cancellationToken), null))
        {
            await append.End;
        }
    }

    /// <summary>What was accepted is still written.</summary>
    public async ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            _closed = true;
            if (_writers == 0)
            {
                _drained.TrySetResult();
            }
        }

        await _drained.Task;
    }

    private async Task WriteAsync()
    {
        while (Take() is { } group)
        {
            await write(group);
            lock (_gate)
            {
                _underWay.ExceptWith(group.Select(append => append.Task));
            }
        }
    }

    /// <summary>The next group, or null after noting that this writer is done: whoever appends from then on starts another.</summary>
    private List<PendingAppend>? Take()
    {
        lock (_gate)
        {
            var group = new List<PendingAppend>();
            var length = 0;
            for (var node = _waiting.First; node is not null && group.Count < MaxGroup && length < MaxGroupLength;)
            {
                var (append, next) = (node.Value, node.Next);
                if (_underWay.Add(append.Task))
                {
                    _waiting.Remove(node);
                    group.Add(append);
                    length += append.Length;
                }

                node = next;
            }

            if (group.Count > 0)
            {
                return group;
            }

            if (--_writers == 0 && _closed)
            {
                _drained.TrySetResult();
            }

            return null;
        }
    }

    private void Withdraw(LinkedListNode<PendingAppend> place, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (place.List is null)
            {
                return;
            }

            _waiting.Remove(place);
        }

        place.Value.Cancel(cancellationToken);
    }
}
