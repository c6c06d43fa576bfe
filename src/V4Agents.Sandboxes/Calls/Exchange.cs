using System.Threading.Channels;
using V4Agents.Core.Sandboxing;
using V4Agents.Sandboxes.Calls.Protocol;

namespace V4Agents.Sandboxes.Calls;

/// <summary>One request and its answers.</summary>
internal sealed class Exchange(int request, ChannelReader<Frame> answers, RunnerConnection connection, TimeProvider time) : IDisposable
{
    /// <summary>The runner gives a sign of life every five seconds while it works.</summary>
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(40);

    public int Request => request;

    public Task SendAsync(Message message, ReadOnlyMemory<byte> payload, CancellationToken cancellationToken) =>
        connection.SendAsync(message, payload, cancellationToken);

    /// <summary>The next answer that says something.</summary>
    /// <exception cref="SandboxException">The runner cannot meet the request.</exception>
    /// <exception cref="ConnectionLostException">The connection broke or fell silent.</exception>
    public async Task<Frame> NextAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var frame = await ReadAsync(cancellationToken);
            switch (frame.Message)
            {
                case Message.Progress:
                    continue;
                case Message.Failed failed:
                    throw new SandboxException(failed.Reason, isTransient: false) { IsRefusal = true };
                default:
                    return frame;
            }
        }
    }

    /// <summary>Ends the connection, and with it everything on it.</summary>
    public ValueTask AbandonAsync() => connection.DisposeAsync();

    public void Dispose() => connection.End(request);

    private async Task<Frame> ReadAsync(CancellationToken cancellationToken)
    {
        if (answers.TryRead(out var ready))
        {
            return ready;
        }

        using var silence = new CancellationTokenSource(Silence, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(silence.Token, cancellationToken);
        try
        {
            return await answers.ReadAsync(either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new ConnectionLostException($"The sandbox's runner gave no sign of life for {Silence.TotalSeconds} seconds.");
        }
        catch (ChannelClosedException e) when (e.InnerException is ConnectionLostException lost)
        {
            throw new ConnectionLostException(lost.Message, lost);
        }
    }
}
