using System.Collections.Concurrent;
using System.Net.Sockets;
using V4Agents.Sandboxes.Calls.Protocol;

namespace V4Agents.Sandboxes.Calls;

/// <summary>One stream to the runner that many requests share, told apart by number.</summary>
internal sealed class RunnerConnection : IAsyncDisposable
{
    /// <summary>While it works on a request the runner gives a sign of life every five seconds.</summary>
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(15);

    private static readonly TimeSpan Look = TimeSpan.FromSeconds(1);

    private readonly Stream _stream;
    private readonly TimeProvider _time;
    private readonly SemaphoreSlim _writing = new(1, 1);
    private readonly ConcurrentDictionary<int, Answers> _pending = new();
    private readonly CancellationTokenSource _closed = new();
    private readonly ITimer _watch;
    private readonly Task _receiving;
    private int _lastRequest;
    private long _heard;
    private Exception? _end;

    public RunnerConnection(Stream stream, TimeProvider time)
    {
        _stream = stream;
        _time = time;
        _heard = time.GetTimestamp();
        _watch = time.CreateTimer(_ => Watch(), null, Look, Look);
        _receiving = ReceiveAsync();
    }

    public bool IsOpen => !_receiving.IsCompleted && !_closed.IsCancellationRequested;

    public Exchange Begin()
    {
        if (_pending.IsEmpty)
        {
            // Nobody was waiting, so there was nothing to hear.
            Heard();
        }

        var request = Interlocked.Increment(ref _lastRequest);
        var answers = new Answers();
        _pending[request] = answers;
        if (!IsOpen)
        {
            answers.End(Volatile.Read(ref _end) ?? new ConnectionLostException("The connection to the sandbox's runner is closed."));
        }

        return new Exchange(request, answers, this);
    }

    public void End(int request) => _pending.TryRemove(request, out _);

    public async Task SendAsync(Message message, ReadOnlyMemory<byte> payload, CancellationToken cancellationToken)
    {
        try
        {
            // Whoever writes may be stuck for as long as nobody reads: the end of the connection is the end of waiting for him, too.
            using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _closed.Token);
            await _writing.WaitAsync(either.Token);
            try
            {
                // Not the caller's token: half a frame would end the connection for all others.
                await FrameCodec.WriteAsync(_stream, message, payload, _closed.Token);
            }
            finally
            {
                _writing.Release();
            }
        }
        catch (Exception e) when ((e is IOException or SocketException or ObjectDisposedException or OperationCanceledException)
            && !cancellationToken.IsCancellationRequested)
        {
            var end = Volatile.Read(ref _end);
            throw new ConnectionLostException(end?.Message ?? $"The connection to the sandbox's runner broke: {e.Message}", e)
            {
                IsSilence = end is ConnectionLostException { IsSilence: true },
            };
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _watch.DisposeAsync();
        await _closed.CancelAsync();
        await _stream.DisposeAsync();
        await _receiving;
    }

    private void Heard() => Volatile.Write(ref _heard, _time.GetTimestamp());

    private void Watch()
    {
        if (!_pending.IsEmpty && _time.GetElapsedTime(Volatile.Read(ref _heard)) > Silence)
        {
            Close(new ConnectionLostException($"The sandbox's runner gave no sign of life for {Silence.TotalSeconds} seconds.") { IsSilence = true });

            // Also for a stream that pays no heed to its token.
            _stream.Dispose();
        }
    }

    private void Close(Exception reason)
    {
        Interlocked.CompareExchange(ref _end, reason, null);
        _closed.Cancel();
    }

    private async Task ReceiveAsync()
    {
        try
        {
            while (await FrameCodec.ReadAsync(_stream, _closed.Token, Heard) is { } frame)
            {
                if (_pending.TryGetValue(frame.Message.Request, out var answers) && !answers.TryAdd(frame))
                {
                    Close(Answers.TooMany());
                }
            }

            Close(new ConnectionLostException("The sandbox's runner closed the connection."));
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException or InvalidDataException or OperationCanceledException)
        {
            Close(new ConnectionLostException($"The connection to the sandbox's runner broke: {e.Message}", e));
        }
        finally
        {
            await _watch.DisposeAsync();
            foreach (var answers in _pending.Values)
            {
                answers.End(_end ?? new ConnectionLostException("The connection to the sandbox's runner is closed."));
            }
        }
    }
}
