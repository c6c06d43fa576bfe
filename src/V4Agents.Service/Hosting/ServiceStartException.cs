namespace V4Agents.Service.Hosting;

/// <summary>The service cannot start. Code is one of the API's; the message says what failed, why, and what to do.</summary>
public sealed class ServiceStartException(string code, string message, Exception? inner = null) : Exception(message, inner)
{
    public string Code { get; } = code;
}
