using System.Threading.Channels;
using V4Agents.Core.Sandboxing;
using V4Agents.Sandboxes.Calls.Protocol;

namespace V4Agents.Sandboxes.Calls;

/// <summary>What came for one request and was not read yet. Bounded: what is in the sandbox may have taken over the runner and flood.</summary>
internal sealed class Answers
{
    public const int MostFrames = 100_000;
    public const long MostBytes = 96L << 20;

    private readonly Channel<Frame> _waiting = Channel.CreateUnbounded<Frame>(new UnboundedChannelOptions { SingleReader = true });
    private int _frames;
    private long _bytes;

    /// <returns>False when there is more than anyone will read.</returns>
    public bool TryAdd(Frame frame)
    {
        if (Interlocked.Increment(ref _frames) > MostFrames || Interlocked.Add(ref _bytes, frame.Length) > MostBytes)
        {
            _waiting.Writer.TryComplete(TooMany());
            return false;
        }

        _waiting.Writer.TryWrite(frame);
        return true;
    }

    public bool TryTake(out Frame frame)
    {
        if (!_waiting.Reader.TryRead(out frame))
        {
            return false;
        }

        Taken(frame);
        return true;
    }

    public async ValueTask<Frame> TakeAsync(CancellationToken cancellationToken)
    {
        var frame = await _waiting.Reader.ReadAsync(cancellationToken);
        Taken(frame);
        return frame;
    }

    public void End(Exception reason) => _waiting.Writer.TryComplete(reason);

    public static SandboxException TooMany() => new(
        $"The sandbox's runner sent more than {MostFrames} answers or {MostBytes >> 20} MiB for one request, which it never should; it is not to be trusted.",
        isTransient: false);

    private void Taken(Frame frame)
    {
        Interlocked.Decrement(ref _frames);
        Interlocked.Add(ref _bytes, -frame.Length);
    }
}
