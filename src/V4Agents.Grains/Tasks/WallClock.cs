namespace V4Agents.Grains.Tasks;

/// <summary>Compares the wall clock with the machine's own count of time, which nobody can set and which stands still while the machine sleeps.</summary>
internal sealed class WallClock(TimeProvider clock)
{
    /// <summary>Slower corrections than this are the clock's business.</summary>
    private static readonly TimeSpan Least = TimeSpan.FromSeconds(30);

    private DateTimeOffset _wall = clock.GetUtcNow();
    private long _ticks = clock.GetTimestamp();

    /// <summary>How far the wall clock jumped since the last look; null when it did not.</summary>
    public TimeSpan? Jump()
    {
        var (wall, ticks) = (clock.GetUtcNow(), clock.GetTimestamp());
        var jump = wall - _wall - clock.GetElapsedTime(_ticks, ticks);
        (_wall, _ticks) = (wall, ticks);
        return jump.Duration() >= Least ? jump : null;
    }
}
