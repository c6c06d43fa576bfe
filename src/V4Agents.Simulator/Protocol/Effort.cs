namespace V4Agents.Simulator.Protocol;

/// <summary>What a requested effort amounts to today.</summary>
internal static class Effort
{
    public const string None = "none";
    public const string Max = "max";
    public const string Default = "high";

    public const string Names = "none, minimal, low, medium, high, xhigh, max, ultra";

    /// <summary>Null for a word that is not in the list.</summary>
    public static string? Effective(string requested) => requested switch
    {
        None => None,
        "minimal" or "low" => "low",
        "medium" or "high" or "xhigh" => "high",
        Max or "ultra" => Max,
        _ => null,
    };
}
