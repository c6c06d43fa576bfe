namespace V4Agents.Grains.Execution;

/// <summary>Waits between attempts: 2 s doubled for every failure in a row, 5 minutes at most, with up to a fifth of jitter.</summary>
internal static class Backoff
{
    public static TimeSpan After(int failures)
    {
        var seconds = Math.Min(300, 2 * Math.Pow(2, Math.Min(failures, 10)));
        return TimeSpan.FromSeconds(seconds * (1 + Random.Shared.NextDouble() / 5));
    }
}
