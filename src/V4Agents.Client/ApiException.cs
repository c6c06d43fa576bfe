namespace V4Agents.Client;

/// <summary>The service refused, or could not be reached. Code is the contract's; the message is written for people.</summary>
public sealed class ApiException(string code, string detail, int? status, Exception? inner = null) : Exception(detail, inner)
{
    /// <summary>The code of a service that does not answer, which no service can send.</summary>
    public const string Unreachable = "server_unreachable";

    public string Code { get; } = code;

    /// <summary>The HTTP status; null when no answer came.</summary>
    public int? Status { get; } = status;

    /// <summary>Whether nobody could answer now, so that the same question may be answered later.</summary>
    public bool IsOutage => Status is null or 502 or 503 or 504;
}
