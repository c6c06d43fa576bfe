namespace V4Agents.Simulator.Protocol;

internal static class KeyCheck
{
    private const string Scheme = "Bearer ";

    /// <summary>Null when the caller may in.</summary>
    public static ApiError? Check(HttpRequest request, string? key)
    {
        var sent = request.Headers.Authorization.ToString();
        if (key is null || sent == Scheme + key)
        {
            return null;
        }

        return sent.Length > Scheme.Length && sent.StartsWith(Scheme, StringComparison.Ordinal)
            ? ApiError.Unauthorized($"Authentication Fails, Your api key: ****{sent[^Math.Min(4, sent.Length - Scheme.Length)..]} is invalid")
            : ApiError.Unauthorized("Authentication Fails (auth header format should be Bearer sk-...)");
    }
}
