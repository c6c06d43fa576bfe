namespace V4Agents.Grains.Execution;

/// <summary>Waits for an absent database: a blip is over in a moment; one that stays away is asked once a second.</summary>
internal static class DatabasePause
{
    public static TimeSpan After(int attempt) => TimeSpan.FromMilliseconds(Math.Min(1_000, 25 * Math.Pow(2, Math.Min(attempt, 10))));
}
