namespace V4Agents.Runner;

/// <summary>A call on its way, shared by all who ask for it.</summary>
internal sealed class RunningCall
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Lazy<Task<CallEnd>> _end;
    private volatile BoundedOutput? _output;

    public RunningCall(Func<RunningCall, Task<CallEnd>> run) => _end = new Lazy<Task<CallEnd>>(() => run(this));

    /// <summary>Begins with the first look.</summary>
    public Task<CallEnd> End => _end.Value;

    public CancellationToken Stopped => _stop.Token;

    public void Stop() => _stop.Cancel();

    public void Writes(BoundedOutput output) => _output = output;

    public (long Total, byte[] Tail) Glimpse() => _output?.Glimpse() ?? (0, []);
}
