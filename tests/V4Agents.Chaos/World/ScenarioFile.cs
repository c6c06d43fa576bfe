using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace V4Agents.Chaos.World;

/// <summary>A scenario file for the simulator: one scenario per task, found by the marker in its issue. JSON is YAML, too.</summary>
internal static class ScenarioFile
{
    private const string Triage = """{"kind":"bug","difficulty":"easy","summary":"The steps are not done.","areas":["steps.log"]}""";

    private static readonly JsonSerializerOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, WriteIndented = true };

    public static string Of(IEnumerable<(string Name, string Marker, IReadOnlyList<ScriptTurn> Turns)> scenarios) => new JsonObject
    {
        ["first_token_delay"] = "100ms",
        ["scenarios"] = new JsonArray([.. scenarios.Select(it => new JsonObject
        {
            ["name"] = it.Name,
            ["when"] = it.Marker,
            ["triage"] = new JsonArray(new JsonObject { ["content"] = Triage, ["chunk_delay"] = "60ms" }),
            ["solver"] = new JsonArray([.. it.Turns.Select(turn => turn.ToJson())]),
        })]),
    }.ToJsonString(Options);
}
