namespace V4Agents.Simulator;

/// <summary>
/// A time in which the endpoint is as good as gone: requests get their connection closed instead of an answer, and answers under way break
/// off. The simulator's own addresses go on.
/// </summary>
internal sealed class Outage(TimeProvider clock)
{
    public const int MaxSeconds = 24 * 60 * 60;

    private long _until;

    public bool IsOn => clock.GetUtcNow().UtcTicks < Interlocked.Read(ref _until);

    /// <summary>Begins one, in place of any that lasts; 0 seconds end it.</summary>
    public DateTimeOffset Begin(int seconds)
    {
        var until = clock.GetUtcNow() + TimeSpan.FromSeconds(seconds);
        Interlocked.Exchange(ref _until, until.UtcTicks);
        return until;
    }

    /// <summary>Before anything of the request is read or logged: to its sender nobody was there.</summary>
    public Func<RequestDelegate, RequestDelegate> Over => next => http =>
    {
        if (!IsOn || SimulatorRoutes.IsOwn(http.Request.Path))
        {
            return next(http);
        }

        http.Abort();
        return Task.CompletedTask;
    };
}
