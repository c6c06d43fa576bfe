using System.Threading.Channels;
using V4Agents.Core.Sandboxing;
using V4Agents.Sandboxes.Calls.Protocol;

namespace V4Agents.Sandboxes.Calls;

/// <summary>One request and its answers.</summary>
internal sealed class Exchange(int request, Answers answers, RunnerConnection connection) : IDisposable
{
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
                    throw new SandboxException(Reason.Bound(failed.Reason), isTransient: false) { IsRefusal = !failed.Damaged };
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
        try
        {
            return answers.TryTake(out var ready) ? ready : await answers.TakeAsync(cancellationToken);
        }
        catch (ChannelClosedException e) when (e.InnerException is ConnectionLostException lost)
        {
            throw new ConnectionLostException(lost.Message, lost) { IsSilence = lost.IsSilence };
        }
        catch (ChannelClosedException e) when (e.InnerException is SandboxException refused)
        {
            throw new SandboxException(refused.Message, refused.IsTransient, refused);
        }
    }
}
