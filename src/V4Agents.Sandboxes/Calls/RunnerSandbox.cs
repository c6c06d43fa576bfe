using System.Text;
using V4Agents.Core.Sandboxing;
using V4Agents.Sandboxes.Calls.Protocol;

namespace V4Agents.Sandboxes.Calls;

/// <summary>A sandbox as its runner serves it. Every request can be asked again, so a broken connection is replaced and the request repeated.</summary>
internal sealed class RunnerSandbox(SandboxId id, Func<CancellationToken, Task<Stream>> connect, TimeProvider time) : ISandbox
{
    private const int Attempts = 5;

    // A runner that is frozen stays so; each time it takes many seconds to notice.
    private const int SilentAttempts = 2;

    // However much life the runner shows: what is in the sandbox may have taken it over, or hold up what it waits for.
    private static readonly TimeSpan PingLimit = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan FilesLimit = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan CallGrace = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private readonly SemaphoreSlim _connecting = new(1, 1);
    private RunnerConnection? _connection;
    private string? _seed;

    public SandboxId Id => id;

    /// <summary>Which start of the runner answered the last ping: another one has lost what the one before held in memory. Null before the first.</summary>
    public string? Boot { get; private set; }

    public async Task PingAsync(CancellationToken cancellationToken)
    {
        var pong = await AskAsync(
            PingLimit,
            async (exchange, token) =>
            {
                await exchange.SendAsync(new Message.Ping(exchange.Request), default, token);
                return await ExpectAsync<Message.Pong>(exchange, token);
            },
            cancellationToken);
        Boot = pong.Boot is { Length: <= 100 } boot ? boot : null;
    }

    public Task<string> SeedAsync(Func<Stream, CancellationToken, Task> writeTar, CancellationToken cancellationToken) => AskAsync(
        FilesLimit,
        async (exchange, token) =>
        {
            await exchange.SendAsync(new Message.Seed(exchange.Request), default, token);
            var answer = await exchange.NextAsync(token);
            if (answer.Message is not Message.SeedWanted)
            {
                return _seed = IdOf(Expected<Message.Seeded>(answer.Message).Tree);
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

                return _seed = IdOf((await seeded).Tree);
            }
            finally
            {
                await upload.CancelAsync();
                if (!sending.IsCompletedSuccessfully)
                {
                    // Half a tar: only the end of the connection tells the runner that the rest will not come. It also frees a sender that is stuck.
                    await exchange.AbandonAsync();
                }

                await ((Task)sending).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                await ((Task)seeded).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        },
        cancellationToken);

    public Task<CallResult> RunAsync(SandboxCall call, IProgress<CallProgress>? progress, CancellationToken cancellationToken) => AskAsync(
        TimeSpan.FromMilliseconds(Milliseconds(call)) + CallGrace,
        async (exchange, token) =>
        {
            await exchange.SendAsync(
                new Message.Call(exchange.Request, call.Id, call.Tool, Milliseconds(call), Live: progress is not null), Encoding.UTF8.GetBytes(call.ArgumentsJson), token);
            var frame = await exchange.NextAsync(token);
            for (; frame.Message is Message.Output output; frame = await exchange.NextAsync(token))
            {
                progress?.Report(new CallProgress(output.Total, LiveText.Of(frame.Payload.Span)));
            }

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
        FilesLimit,
        async (exchange, token) =>
        {
            await exchange.SendAsync(new Message.PutFile(exchange.Request, name), content, token);
            return (await ExpectAsync<Message.FilePut>(exchange, token)).Path;
        },
        cancellationToken);

    public Task<WorkspaceSnapshot> SnapshotAsync(CancellationToken cancellationToken) => AskAsync(
        FilesLimit,
        async (exchange, token) =>
        {
            await exchange.SendAsync(new Message.Snapshot(exchange.Request), default, token);
            var changes = new List<WorkspaceChange>();
            for (var bytes = 0L; ;)
            {
                var frame = await exchange.NextAsync(token);
                if (frame.Message is not Message.Change change)
                {
                    return new WorkspaceSnapshot(IdOf(Expected<Message.SnapshotTaken>(frame.Message).Tree), changes);
                }

                bytes += frame.Length;
                changes.Add(changes.Count < Answers.MostFrames && bytes <= Answers.MostBytes
                    ? new WorkspaceChange(change.Path, EntryOf(change.Mode), frame.Payload)
                    : throw Answers.TooMany());
            }
        },
        cancellationToken);

    public Task<StoppedCalls> StopAsync(CancellationToken cancellationToken) => AskAsync(
        StopLimit,
        async (exchange, token) =>
        {
            await exchange.SendAsync(new Message.Stop(exchange.Request), default, token);
            var stopped = await ExpectAsync<Message.Stopped>(exchange, token);
            return new StoppedCalls(stopped.Calls, stopped.Processes);
        },
        cancellationToken);

    public Task<WorkspaceCheckpoint> CheckpointAsync(string? since, CancellationToken cancellationToken) => AskAsync(
        FilesLimit,
        async (exchange, token) =>
        {
            await exchange.SendAsync(new Message.Checkpoint(exchange.Request, since), default, token);
            var frame = await exchange.NextAsync(token);
            var taken = Expected<Message.Checkpointed>(frame.Message);
            return new WorkspaceCheckpoint(IdOf(taken.Tree), IdOf(taken.Commit), frame.Payload);
        },
        cancellationToken);

    public Task RestoreAsync(
        IReadOnlyList<WorkspaceCheckpoint> chain, Func<int, CancellationToken, Task<ReadOnlyMemory<byte>>> readBundle, CancellationToken cancellationToken) => AskAsync(
        FilesLimit,
        async (exchange, token) =>
        {
            var lines = Encoding.ASCII.GetBytes(string.Concat(chain.Select(saved => $"{saved.Tree} {saved.Commit}\n")));
            await exchange.SendAsync(new Message.Restore(exchange.Request), lines, token);
            var frame = await exchange.NextAsync(token);

            // At most what it lacks, and then, when that does not fit what it has, everything.
            for (var asked = 0; frame.Message is Message.BundleWanted wanted; frame = await exchange.NextAsync(token))
            {
                if (wanted.Index < 0 || wanted.Index >= chain.Count || ++asked > 2 * chain.Count)
                {
                    throw new SandboxException($"The sandbox's runner asked for checkpoint {wanted.Index} of {chain.Count}.", isTransient: false);
                }

                await exchange.SendAsync(new Message.Chunk(exchange.Request, Last: true), await readBundle(wanted.Index, token), token);
            }

            var tree = IdOf(Expected<Message.Restored>(frame.Message).Tree);
            var due = chain.Count > 0 ? chain[^1].Tree : _seed ?? tree;
            return tree == due ? tree : throw new SandboxException($"The work tree was restored to {tree}, and {due} was due.", isTransient: false);
        },
        cancellationToken);

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

    private static string IdOf(string text) => text.Length == 40 && text.All(char.IsAsciiHexDigitLower)
        ? text
        : throw new SandboxException("The sandbox's runner answered something that is not a git object's id.", isTransient: false);

    private static WorkspaceEntry EntryOf(int gitMode) => gitMode switch
    {
        0 => WorkspaceEntry.Deleted,
        0xA000 => WorkspaceEntry.Symlink,
        0x81ED => WorkspaceEntry.Executable,
        _ => WorkspaceEntry.File,
    };

    private static long Milliseconds(SandboxCall call) => (long)Math.Min(call.Timeout.TotalMilliseconds, int.MaxValue);

    /// <param name="limit">For each attempt; past it there is no further one.</param>
    private async Task<T> AskAsync<T>(TimeSpan limit, Func<Exchange, CancellationToken, Task<T>> ask, CancellationToken cancellationToken)
    {
        var silences = 0;
        for (var attempt = 1; ; attempt++)
        {
            RunnerConnection? connection = null;
            try
            {
                connection = await ConnectionAsync(cancellationToken);
                return await InTimeAsync(connection, limit, ask, cancellationToken);
            }
            catch (ConnectionLostException e)
            {
                if (connection is not null)
                {
                    await connection.DisposeAsync();
                }

                silences += e.IsSilence ? 1 : 0;
                if (attempt == Attempts || silences == SilentAttempts)
                {
                    throw new SandboxException($"Sandbox {id} could not be reached after {attempt} attempts. {e.Message}", isTransient: true, e);
                }

                await Task.Delay(Pause * attempt * attempt, time, cancellationToken);
            }
        }
    }

    private async Task<T> InTimeAsync<T>(
        RunnerConnection connection, TimeSpan limit, Func<Exchange, CancellationToken, Task<T>> ask, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(limit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);

        // Closing it also frees whoever is stuck writing.
        using var closing = deadline.Token.UnsafeRegister(_ => _ = connection.DisposeAsync().AsTask(), null);
        using var exchange = connection.Begin();
        try
        {
            return await ask(exchange, either.Token);
        }
        catch (Exception e) when (e is ConnectionLostException or OperationCanceledException or IOException
            && deadline.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new SandboxException($"Sandbox {id} gave no answer within {limit.TotalSeconds:0} seconds; the connection to it was closed.", isTransient: true, e);
        }
    }

    private async Task<RunnerConnection> ConnectionAsync(CancellationToken cancellationToken)
    {
        await _connecting.WaitAsync(cancellationToken);
        try
        {
            if (_connection is not { IsOpen: true })
            {
                if (_connection is { } broken)
                {
                    _connection = null;
                    await broken.DisposeAsync();
                }

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
