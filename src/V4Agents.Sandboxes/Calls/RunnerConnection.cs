using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Threading.Channels;
using V4Agents.Sandboxes.Calls.Protocol;

namespace V4Agents.Sandboxes.Calls;

/// <summary>One stream to the runner that many requests share, told apart by number.</summary>
internal sealed class RunnerConnection : IAsyncDisposable
{
    private readonly Stream _stream;
    private readonly TimeProvider _time;
    private readonly SemaphoreSlim _writing = new(1, 1);
    private readonly ConcurrentDictionary<int, Channel<Frame>> _pending = new();
    private readonly CancellationTokenSource _closed = new();
    private readonly Task _receiving;
    private int _lastRequest;

    public RunnerConnection(Stream stream, TimeProvider time)
    {
        _stream = stream;
        _time = time;
        _receiving = ReceiveAsync();
    }

    public bool IsOpen => !_receiving.IsCompleted && !_closed.IsCancellationRequested;

    public Exchange Begin()
    {
        var request = Interlocked.Increment(ref _lastRequest);
        var answers = Channel.CreateUnbounded<Frame>(new UnboundedChannelOptions { SingleReader = true });
        _pending[request] = answers;
        if (!IsOpen)
        {
            answers.Writer.TryComplete(new ConnectionLostException("The connection to the sandbox's runner is closed."));
        }

        return new Exchange(request, answers.Reader, this, _time);
    }

    public void End(int request) => _pending.TryRemove(request, out _);

    public async Task SendAsync(Message message, ReadOnlyMemory<byte> payload, CancellationToken cancellationToken)
    {
        await _writing.WaitAsync(cancellationToken);
        try
        {
            // Not the caller's token: half a frame would end the connection for all others.
            await FrameCodec.WriteAsync(_stream, message, payload, _closed.Token);
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException or OperationCanceledException)
        {
            throw new ConnectionLostException($"The connection to the sandbox's runner broke: {e.Message}", e);
        }
        finally
        {
            _writing.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _closed.CancelAsync();
        await _stream.DisposeAsync();
        await _receiving;
    }

    private async Task ReceiveAsync()
    {
        var end = new ConnectionLostException("The sandbox's runner closed the connection.");
        try
        {
            while (await FrameCodec.ReadAsync(_stream, _closed.Token) is { } frame)
            {
                if (_pending.TryGetValue(frame.Message.Request, out var answers))
                {
                    answers.Writer.TryWrite(frame);
                }
            }
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException or InvalidDataException or OperationCanceledException)
        {
            end = new ConnectionLostException($"The connection to the sandbox's runner broke: {e.Message}", e);
        }
        finally
        {
            await _closed.CancelAsync();
            foreach (var answers in _pending.Values)
            {
                answers.Writer.TryComplete(end);
            }
        }
    }
}
