namespace V4Agents.Runner;

/// <summary>A request that cannot be met; the message goes to the service as it is.</summary>
internal sealed class RequestException(string message) : Exception(message)
{
    public bool IsDiskFull { get; init; }
}
