namespace V4Agents.Models.Wire;

/// <summary>The two limits of one call, its silence and its length, as one token beside the caller's own.</summary>
internal sealed class CallClock : IDisposable
{
    private readonly TimeSpan _stallTimeout;
    private readonly CancellationTokenSource _stall;
    private readonly CancellationTokenSource _limit;
    private readonly CancellationTokenSource _any;

    public CallClock(ModelOptions options, TimeProvider time, CancellationToken cancellationToken)
    {
        _stallTimeout = options.StallTimeout;

        // Waiting for the first byte is bounded per attempt by the transport; silence counts from the headers on.
        _stall = new CancellationTokenSource(Timeout.InfiniteTimeSpan, time);
        _limit = new CancellationTokenSource(options.CallLimit, time);
        _any = CancellationTokenSource.CreateLinkedTokenSource(_stall.Token, _limit.Token, cancellationToken);
    }

    public CancellationToken Token => _any.Token;

    public bool Stalled => _stall.IsCancellationRequested;

    /// <summary>The server took the call: it answered 200.</summary>
    public bool Accepted { get; set; }

    public bool LimitReached => _limit.IsCancellationRequested;

    /// <summary>The other side made a sound.</summary>
    public void Touch() => _stall.CancelAfter(_stallTimeout);

    public void Dispose()
    {
        _any.Dispose();
        _limit.Dispose();
        _stall.Dispose();
    }
}
