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
    private static readonly TimeSpan Glimpses = TimeSpan.FromMilliseconds(250);

    // Which start of the runner this is.
    private static readonly string Boot = Guid.NewGuid().ToString("N");

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
                try
                {
                    // Waiting here is the back-pressure on the sender.
                    await upload.Writer.WriteAsync(frame, _lost.Token);
                }
                catch (ChannelClosedException)
                {
                    // The request is over, and what is still on its way to it is not wanted any more.
                }
            }

            return;
        }

        if (frame.Message is Message.Seed or Message.Restore)
        {
            _uploads[frame.Message.Request] = Channel.CreateBounded<Frame>(16);
        }

        // Which came first is known only here; what follows runs side by side.
        var place = ledger.Place();
        if (frame.Message is Message.Stop)
        {
            ledger.StopComes();
        }

        _ = Task.Run(() => ServeAsync(frame, place));
    }

    private async Task ServeAsync(Frame frame, int place)
    {
        var id = frame.Message.Request;
        try
        {
            var work = AnswerAsync(frame, place);
            while (await Task.WhenAny(work, Task.Delay(Heartbeat, _lost.Token)) != work && !_lost.IsCancellationRequested)
            {
                await SendAsync(new Message.Progress(id), default);
            }

            await work;
        }
        catch (Exception e) when (e is RequestException or UnauthorizedAccessException or Win32Exception or JsonException)
        {
            await SendAsync(new Message.Failed(id, Reason.Bound(e.Message)), default);
        }
        catch (IOException e)
        {
            // A full disk, or the connection itself: in the second case this message goes nowhere, as it should.
            await SendAsync(new Message.Failed(id, Reason.Bound(e.Message)), default);
        }
        catch (OperationCanceledException)
        {
            // The connection is gone; there is nobody to answer.
        }
        catch (DamageException e)
        {
            await SendAsync(new Message.Failed(id, Reason.Bound(e.Message), Damaged: true), default);
        }
        catch (Exception e)
        {
            // The edge of a request: whoever asked must hear that there will be no answer.
            await SendAsync(new Message.Failed(id, Reason.Bound($"The sandbox's runner failed ({e.GetType().Name}: {e.Message}).")), default);
        }
        finally
        {
            if (_uploads.TryRemove(id, out var upload))
            {
                upload.Writer.TryComplete();
            }
        }
    }

    private async Task AnswerAsync(Frame frame, int place)
    {
        switch (frame.Message)
        {
            case Message.Ping ping:
                await SendAsync(new Message.Pong(ping.Request, Boot), default);
                break;
            case Message.Seed seed:
                var tree = await workspace.SeedAsync(() => UploadAsync(seed.Request), _lost.Token);
                await SendAsync(new Message.Seeded(seed.Request, tree), default);
                break;
            case Message.PutFile put:
                await SendAsync(new Message.FilePut(put.Request, RunnerFiles.Put(put.Name, frame.Payload.Span)), default);
                break;
            case Message.Call call:
                await RunAsync(call, new CallRequest(call.Tool, Encoding.UTF8.GetString(frame.Payload.Span), call.TimeoutMilliseconds), place);
                break;
            case Message.Stop stop:
                var stopped = await ledger.StopAsync(ProcessSweep.KillAsync);
                try
                {
                    await SendAsync(new Message.Stopped(stop.Request, stopped.Calls, stopped.Processes), default);
                }
                catch (OperationCanceledException)
                {
                    ledger.Untold(stopped);
                }

                break;
            case Message.Checkpoint checkpoint:
                var saved = await workspace.CheckpointAsync(checkpoint.Since, _lost.Token);
                await SendAsync(new Message.Checkpointed(checkpoint.Request, saved.Tree, saved.Commit), saved.Changes);
                break;
            case Message.Restore restore:
                var restored = await workspace.RestoreAsync(
                    Restoration.Parse(frame.Payload.Span), index => BundleAsync(restore.Request, index), _lost.Token);
                await SendAsync(new Message.Restored(restore.Request, restored), default);
                break;
            case Message.Snapshot snapshot:
                var taken = await workspace.SnapshotAsync((path, mode, content) =>
                    SendAsync(new Message.Change(snapshot.Request, path, mode), content), _lost.Token);
                await SendAsync(new Message.SnapshotTaken(snapshot.Request, taken), default);
                break;
            default:
                throw new RequestException($"The runner does not take {frame.Message.GetType().Name} as a request.");
        }
    }

    private async Task RunAsync(Message.Call call, CallRequest request, int place)
    {
        RunningCall? running = null;
        var run = ledger.RunAsync(call.Id, request, place, attached => running = attached);
        var shown = 0L;
        while (call.Live && await Task.WhenAny(run, Task.Delay(Glimpses, _lost.Token)) != run && !_lost.IsCancellationRequested)
        {
            if (running?.Glimpse() is { } glimpse && glimpse.Total != shown)
            {
                shown = glimpse.Total;
                await SendAsync(new Message.Output(call.Request, shown), glimpse.Tail);
            }
        }

        var (end, replayed) = await run;
        var output = CallLedger.OutputOf(call.Id);
        byte[] bytes = File.Exists(output) ? await File.ReadAllBytesAsync(output) : [];
        await SendAsync(new Message.CallFinished(call.Request, end.Record, output, replayed), (byte[])[.. bytes, .. end.Unsaved]);
    }

    private async Task<ReadOnlyMemory<byte>> BundleAsync(int request, int index)
    {
        await SendAsync(new Message.BundleWanted(request, index), default);
        return (await _uploads[request].Reader.ReadAsync(_lost.Token)).Payload;
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
