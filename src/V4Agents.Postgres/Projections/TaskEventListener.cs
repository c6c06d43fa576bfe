using Microsoft.Extensions.Logging;
using Npgsql;
using V4Agents.Core.Tasks;
using V4Agents.Postgres.Journal;

namespace V4Agents.Postgres.Projections;

/// <summary>One connection per process that hears of every commit and wakes whoever waits for that task.</summary>
internal sealed partial class TaskEventListener(NpgsqlDataSource database, TimeProvider time, ILogger<TaskEventListener> logger) : IAsyncDisposable
{
    private static readonly TimeSpan ReconnectDelay = TimeSpan.FromMilliseconds(250);

    private readonly Lock _gate = new();
    private readonly Dictionary<TaskId, HashSet<Subscription>> _subscriptions = [];
    private readonly List<Action<TaskId?>> _foreign = [];
    private readonly CancellationTokenSource _stop = new();
    private Task? _listening;

    /// <summary>A subscription that is completed by the next commit of the task, or when commits may have been missed. Dispose it.</summary>
    public Subscription Subscribe(TaskId task)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_stop.IsCancellationRequested, this);
            _listening ??= ListenAsync(_stop.Token);
            var subscription = new Subscription(this, task);
            if (!_subscriptions.TryGetValue(task, out var ofTask))
            {
                _subscriptions[task] = ofTask = [];
            }

            ofTask.Add(subscription);
            return subscription;
        }
    }

    /// <param name="heard">Told of every task that another process appended to; null when any may have been missed. Must not block. Dispose to end.</param>
    public IDisposable SubscribeToForeign(Action<TaskId?> heard)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_stop.IsCancellationRequested, this);
            _listening ??= ListenAsync(_stop.Token);
            _foreign.Add(heard);
        }

        return new ForeignSubscription(this, heard);
    }

    public async ValueTask DisposeAsync()
    {
        Task? listening;
        lock (_gate)
        {
            _stop.Cancel();
            listening = _listening;
        }

        if (listening is not null)
        {
            await listening;
        }
    }

    private async Task ListenAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                await using var connection = await database.OpenConnectionAsync(stop);
                connection.Notification += (_, notification) => Hear(notification.Payload.Split(' '));
                await using (var listen = new NpgsqlCommand($"LISTEN {TaskJournal.Channel}", connection))
                {
                    await listen.ExecuteNonQueryAsync(stop);
                }

                // Commits before this point were not heard.
                WakeAll();
                while (true)
                {
                    await connection.WaitAsync(stop);
                }
            }
            catch (NpgsqlException e)
            {
                LogConnectionLost(logger, e.Message);
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                return;
            }

            await Task.Delay(ReconnectDelay, time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private void Hear(string[] payload)
    {
        var task = new TaskId(payload[0]);
        lock (_gate)
        {
            if (payload[^1] != TaskJournal.Writer)
            {
                foreach (var subscriber in _foreign)
                {
                    subscriber(task);
                }
            }

            foreach (var subscription in _subscriptions.GetValueOrDefault(task, []))
            {
                subscription.Complete();
            }
        }
    }

    private void WakeAll()
    {
        lock (_gate)
        {
            foreach (var subscription in _subscriptions.Values.SelectMany(ofTask => ofTask))
            {
                subscription.Complete();
            }

            foreach (var subscriber in _foreign)
            {
                subscriber(null);
            }
        }
    }

    private void Remove(Subscription subscription, TaskId task)
    {
        lock (_gate)
        {
            if (_subscriptions.TryGetValue(task, out var ofTask) && ofTask.Remove(subscription) && ofTask.Count == 0)
            {
                _subscriptions.Remove(task);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The connection that listens for task events is lost and is opened again: {Reason}")]
    private static partial void LogConnectionLost(ILogger logger, string reason);

    private sealed class ForeignSubscription(TaskEventListener listener, Action<TaskId?> heard) : IDisposable
    {
        public void Dispose()
        {
            lock (listener._gate)
            {
                listener._foreign.Remove(heard);
            }
        }
    }

    internal sealed class Subscription(TaskEventListener listener, TaskId task) : IDisposable
    {
        private readonly TaskCompletionSource _woken = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Woken => _woken.Task;

        public void Complete() => _woken.TrySetResult();

        public void Dispose() => listener.Remove(this, task);
    }
}
