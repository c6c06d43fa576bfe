namespace V4Agents.Service.Hosting;

/// <summary>
/// Ends the whole process when the other silos have declared this one dead (it was paused, or cut off, for too long): they have gone on with its
/// tasks, and nothing that still runs here may touch the world. What it would record is refused by the journal anyhow.
/// </summary>
internal sealed class Fence : IFatalErrorHandler
{
    /// <summary>The exit codes <c>fenced</c> and <c>internal</c>.</summary>
    private const int Fenced = 24;
    private const int Internal = 70;

    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(2);

    private int _ending;

    public bool IsUnexpected(Exception exception) => exception is not (OperationCanceledException or ObjectDisposedException);

    public void OnFatalException(object? sender = null, string? context = null, Exception? exception = null)
    {
        if (Interlocked.Exchange(ref _ending, 1) != 0)
        {
            return;
        }

        var (code, message) = exception is null
            ? (Fenced, "The other services of the database took this one for dead, because it did not answer them (it was paused, or cut off). "
                + $"They go on with its tasks, so it ends; start it again. [fenced, exit {Fenced}]")
            : (Internal, $"The silo cannot go on: {context}: {exception.Message} Its tasks are kept; start it again. [internal, exit {Internal}]");
        Console.Error.WriteLine($"v4: {message}");

        // Not on this thread, which may hold what the way out needs; and not for longer than this.
        new Thread(() => Environment.Exit(code)) { IsBackground = true }.Start();
        Thread.Sleep(Grace);
        Environment.FailFast(null);
    }
}
