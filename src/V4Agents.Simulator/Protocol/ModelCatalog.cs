namespace V4Agents.Simulator.Protocol;

/// <summary>The model names the API knows.</summary>
internal static class ModelCatalog
{
    public const string Flash = "deepseek-flash";
    public const string Pro = "deepseek-v4-pro";

    /// <summary>What <c>GET /models</c> lists.</summary>
    public static readonly IReadOnlyList<string> Listed = [Flash, Pro];

    private static readonly HashSet<string> Deprecated = ["deepseek-chat", "deepseek-reasoner"];

    /// <summary>The model that serves a name, or null when none does.</summary>
    public static string? Serving(string name) => name switch
    {
        Flash or "deepseek-v4-flash" or "deepseek-v4-flash-vision-exp" => Flash,
        Pro => Pro,
        _ => null,
    };

    public static ApiError? Check(string name) => name switch
    {
        _ when Serving(name) is not null => null,
        _ when Deprecated.Contains(name) => ApiError.Invalid($"Model Not Exist: {name} was retired, use {Flash} or {Pro}"),
        _ => ApiError.Invalid($"Model Not Exist: {name}"),
    };
}
