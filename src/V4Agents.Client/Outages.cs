namespace V4Agents.Client;

/// <summary>A service that is restarted, or whose database is, answers again by itself.</summary>
public static class Outages
{
    /// <summary>How long one is waited out.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <summary>Asks again while nobody can answer. Only for questions that may be asked twice.</summary>
    public static async Task<T> OutlastAsync<T>(Func<Task<T>> ask, TimeProvider clock, CancellationToken cancellationToken)
    {
        var began = clock.GetTimestamp();
        while (true)
        {
            try
            {
                return await ask();
            }
            catch (ApiException e) when (e.IsOutage && clock.GetElapsedTime(began) < Patience)
            {
                await Task.Delay(Pause, clock, cancellationToken);
            }
        }
    }
}
