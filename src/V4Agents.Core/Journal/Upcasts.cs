using System.Text.Json.Nodes;

namespace V4Agents.Core.Journal;

/// <summary>How a payload of an old version becomes one of the next: one line for every version of a kind that is no longer written.</summary>
internal static class Upcasts
{
    private static readonly Dictionary<(string Kind, int From), Action<JsonObject>> Steps = new()
    {
        [("model_call.started", 1)] = payload => payload["body"] = null,
    };

    /// <exception cref="KeyNotFoundException">A version in between has no line: no such version was ever written.</exception>
    public static void Apply(string kind, int from, int to, JsonObject payload)
    {
        for (var version = from; version < to; version++)
        {
            Steps[(kind, version)](payload);
        }
    }
}
