using System.Collections.Concurrent;
using System.ComponentModel;
using System.Text;
using System.Text.Json;
using System.Threading.Channels;
using V4Agents.Sandboxes.Calls.Protocol;

namespace V4Agents.Runner;

/// <summary>One connected service. Its requests run side by side; a call goes on when the connection is lost.</summary>
internal sealed class Session(Stream stream, CallLedger ledger, Workspace workspace)
{
    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(5);

    private readonly SemaphoreSlim _writing = new(1, 1);
    private readonly ConcurrentDictionary<int, Channel<Frame>> _uploads = new();
    private readonly CancellationTokenSource _lost = new();

    public async Task RunAsync()
    {
        try
        {
            while (await FrameCodec.ReadAsync(stream, CancellationToken.None) is { } frame)
            {
                await ReceiveAsync(frame);
            }
        }
        catch (Exception e) when (e is IOException or InvalidDataException)
        {
            Console.Error.WriteLine($"Connection lost: {e.Message}");
        }
        finally
        {
            await _lost.CancelAsync();
            await stream.DisposeAsync();
        }
    }

    private async Task ReceiveAsync(Frame frame)
    {
        if (frame.Message is Message.Chunk chunk)
        {
            if (_uploads.TryGetValue(chunk.Request, out var upload))
            {
                // Waiting here is the back-pressure on the sender.
                await upload.Writer.WriteAsync(frame, _lost.Token);
            }

            return;
        }

        if (frame.Message is Message.Seed)
        {
            _uploads[frame.Message.Request] = Channel.CreateBounded<Frame>(16);
        }

        _ = Task.Run(() => ServeAsync(frame));
    }

    private async Task ServeAsync(Frame frame)
    {
        var id = frame.Message.Request;
        try
        {
            var work = AnswerAsync(frame);
            while (await Task.WhenAny(work, Task.Delay(Heartbeat, _lost.Token)) != work && !_lost.IsCancellationRequested)
            {
                await SendAsync(new Message.Progress(id), default);
            }

            await work;
        }
        catch (Exception e) when (e is RequestException or UnauthorizedAccessException or Win32Exception or JsonException)
        {
            await SendAsync(new Message.Failed(id, e.Message), default);
        }
        catch (IOException e)
        {
            // A full disk, or the connection itself: in the second case this message goes nowhere, as it should.
            await SendAsync(new Message.Failed(id, e.Message), default);
        }
        catch (OperationCanceledException)
        {
            // The connection is gone; there is nobody to answer.
        }
        finally
        {
            if (_uploads.TryRemove(id, out var upload))
            {
                upload.Writer.TryComplete();
            }
        }
    }

    private async Task AnswerAsync(Frame frame)
    {
        switch (frame.Message)
        {
            case Message.Ping ping:
                await SendAsync(new Message.Pong(ping.Request), default);
                break;
            case Message.Seed seed:
                var tree = await workspace.SeedAsync(() => UploadAsync(seed.Request), _lost.Token);
                await SendAsync(new Message.Seeded(seed.Request, tree), default);
                break;
            case Message.PutFile put:
                await SendAsync(new Message.FilePut(put.Request, RunnerFiles.Put(put.Name, frame.Payload.Span)), default);
                break;
            case Message.Call call:
                var (record, replayed) = await ledger.RunAsync(
                    call.Id, new CallRequest(call.Tool, Encoding.UTF8.GetString(frame.Payload.Span), call.TimeoutMilliseconds));
                var output = CallLedger.OutputOf(call.Id);
                var bytes = File.Exists(output) ? await File.ReadAllBytesAsync(output) : [];
                await SendAsync(new Message.CallFinished(call.Request, record, output, replayed), bytes);
                break;
            case Message.Snapshot snapshot:
                var taken = await workspace.SnapshotAsync((path, mode, content) =>
                    SendAsync(new Message.Change(snapshot.Request, path, mode), content));
                await SendAsync(new Message.SnapshotTaken(snapshot.Request, taken), default);
                break;
            default:
                throw new RequestException($"The runner does not take {frame.Message.GetType().Name} as a request.");
        }
    }

    private async Task<ChannelReader<Frame>> UploadAsync(int request)
    {
        await SendAsync(new Message.SeedWanted(request), default);
        return _uploads[request].Reader;
    }

    private async Task SendAsync(Message message, ReadOnlyMemory<byte> payload)
    {
        await _writing.WaitAsync();
        try
        {
            await FrameCodec.WriteAsync(stream, message, payload, _lost.Token);
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            await _lost.CancelAsync();
            throw new OperationCanceledException("The connection is lost.", e);
        }
        finally
        {
            _writing.Release();
        }
    }
}
