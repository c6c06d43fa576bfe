namespace V4Agents.Grains.Triage;

/// <summary>The cheap first look at an issue. A stateless worker: any silo serves it, many at once.</summary>
public interface ITriageGrain : IGrainWithIntegerKey
{
    // A Flash answer without thinking takes seconds; a queued one can take the ten minutes the server allows before it starts.
    [ResponseTimeout("00:15:00")]
    Task<TriageAnswer> ClassifyAsync(TriageRequest request, CancellationToken cancellationToken);
}
