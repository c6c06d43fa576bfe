using System.Text;
using V4Agents.Core.Sandboxing;
using V4Agents.Sandboxes.Calls.Protocol;

namespace V4Agents.Sandboxes.Calls;

/// <summary>A sandbox as its runner serves it. Every request can be asked again, so a broken connection is replaced and the request repeated.</summary>
internal sealed class RunnerSandbox(SandboxId id, Func<CancellationToken, Task<Stream>> connect, TimeProvider time) : ISandbox
{
    private const int Attempts = 5;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private readonly SemaphoreSlim _connecting = new(1, 1);
    private RunnerConnection? _connection;

    public SandboxId Id => id;

    public Task PingAsync(CancellationToken cancellationToken) => AskAsync(
        async (exchange, token) =>
        {
            await exchange.SendAsync(new Message.Ping(exchange.Request), default, token);
            return await ExpectAsync<Message.Pong>(exchange, token);
        },
        cancellationToken);

    public Task<string> SeedAsync(Func<Stream, CancellationToken, Task> writeTar, CancellationToken cancellationToken) => AskAsync(
        async (exchange, token) =>
        {
            await exchange.SendAsync(new Message.Seed(exchange.Request), default, token);
            var answer = await exchange.NextAsync(token);
            if (answer.Message is not Message.SeedWanted)
            {
                return Expected<Message.Seeded>(answer.Message).Tree;
            }

            using var upload = CancellationTokenSource.CreateLinkedTokenSource(token);
            var sending = SendTarAsync(exchange, writeTar, upload.Token);
            var seeded = ExpectAsync<Message.Seeded>(exchange, upload.Token);
            try
            {
                // The runner may give up before everything is sent; then there is no point in sending the rest.
                if (await Task.WhenAny(sending, seeded) == sending)
                {
                    await sending;
                }

                return (await seeded).Tree;
            }
            finally
            {
                await upload.CancelAsync();
                await ((Task)sending).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                await ((Task)seeded).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                if (!sending.IsCompletedSuccessfully)
                {
                    // Half a tar: only the end of the connection tells the runner that the rest will not come.
                    await exchange.AbandonAsync();
                }
            }
        },
        cancellationToken);

    public Task<CallResult> RunAsync(SandboxCall call, IProgress<CallProgress>? progress, CancellationToken cancellationToken) => AskAsync(
        async (exchange, token) =>
        {
            var milliseconds = (long)Math.Min(call.Timeout.TotalMilliseconds, int.MaxValue);
            await exchange.SendAsync(
                new Message.Call(exchange.Request, call.Id, call.Tool, milliseconds), Encoding.UTF8.GetBytes(call.ArgumentsJson), token);
            var frame = await exchange.NextAsync(token);
            var finished = Expected<Message.CallFinished>(frame.Message);
            return new CallResult(
                finished.Result.ExitCode,
                finished.Result.TimedOut,
                frame.Payload,
                finished.Result.OutputBytes,
                finished.OutputPath,
                TimeSpan.FromMilliseconds(finished.Result.DurationMilliseconds),
                finished.Result.ExitCode == CallRecord.Interrupted,
                finished.Replayed);
        },
        cancellationToken);

    public Task<string> PutFileAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken) => AskAsync(
        async (exchange, token) =>
        {
            await exchange.SendAsync(new Message.PutFile(exchange.Request, name), content, token);
            return (await ExpectAsync<Message.FilePut>(exchange, token)).Path;
        },
        cancellationToken);

    public Task<WorkspaceSnapshot> SnapshotAsync(CancellationToken cancellationToken) => AskAsync(
        async (exchange, token) =>
        {
            await exchange.SendAsync(new Message.Snapshot(exchange.Request), default, token);
            var changes = new List<WorkspaceChange>();
            while (true)
            {
                var frame = await exchange.NextAsync(token);
                if (frame.Message is not Message.Change change)
                {
                    return new WorkspaceSnapshot(Expected<Message.SnapshotTaken>(frame.Message).Tree, changes);
                }

                changes.Add(new WorkspaceChange(change.Path, EntryOf(change.Mode), frame.Payload));
            }
        },
        cancellationToken);

    public Task<StoppedCalls> StopAsync(CancellationToken cancellationToken) => throw new NotImplementedException();

    public Task<WorkspaceCheckpoint> CheckpointAsync(string? since, CancellationToken cancellationToken) => throw new NotImplementedException();

    public Task RestoreAsync(
        IReadOnlyList<WorkspaceCheckpoint> chain, Func<int, CancellationToken, Task<ReadOnlyMemory<byte>>> readBundle, CancellationToken cancellationToken) =>
        throw new NotImplementedException();

    public async ValueTask DisposeAsync()
    {
        if (_connection is { } connection)
        {
            await connection.DisposeAsync();
        }

        _connecting.Dispose();
    }

    private static async Task SendTarAsync(Exchange exchange, Func<Stream, CancellationToken, Task> writeTar, CancellationToken cancellationToken)
    {
        await using var chunks = new ChunkStream(exchange);
        await writeTar(chunks, cancellationToken);
        await chunks.CompleteAsync(cancellationToken);
    }

    private static async Task<T> ExpectAsync<T>(Exchange exchange, CancellationToken cancellationToken)
        where T : Message => Expected<T>((await exchange.NextAsync(cancellationToken)).Message);

    private static T Expected<T>(Message message)
        where T : Message => message as T
        ?? throw new SandboxException($"The sandbox's runner answered {message.GetType().Name} where {typeof(T).Name} was due.", isTransient: false);

    private static WorkspaceEntry EntryOf(int gitMode) => gitMode switch
    {
        0 => WorkspaceEntry.Deleted,
        0xA000 => WorkspaceEntry.Symlink,
        0x81ED => WorkspaceEntry.Executable,
        _ => WorkspaceEntry.File,
    };

    private async Task<T> AskAsync<T>(Func<Exchange, CancellationToken, Task<T>> ask, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            RunnerConnection? connection = null;
            try
            {
                connection = await ConnectionAsync(cancellationToken);
                using var exchange = connection.Begin();
                return await ask(exchange, cancellationToken);
            }
            catch (ConnectionLostException) when (attempt < Attempts)
            {
                if (connection is not null)
                {
                    await connection.DisposeAsync();
                }

                await Task.Delay(Pause * attempt * attempt, time, cancellationToken);
            }
            catch (ConnectionLostException e)
            {
                throw new SandboxException($"Sandbox {id} could not be reached after {Attempts} attempts. {e.Message}", isTransient: true, e);
            }
        }
    }

    private async Task<RunnerConnection> ConnectionAsync(CancellationToken cancellationToken)
    {
        await _connecting.WaitAsync(cancellationToken);
        try
        {
            if (_connection is not { IsOpen: true })
            {
                _connection = new RunnerConnection(await connect(cancellationToken), time);
            }

            return _connection;
        }
        finally
        {
            _connecting.Release();
        }
    }
}
