using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace V4Agents.Simulator.Protocol;

/// <summary>How the simulator writes JSON, and how the rules look into what they were sent.</summary>
internal static class Json
{
    /// <summary>The error texts hold back-ticks and quotes that must arrive as they are.</summary>
    public static readonly JsonSerializerOptions Options = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
    };

    /// <summary>A member that is there and not null.</summary>
    public static JsonElement? Member(this JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

    public static string? Text(this JsonElement element, string name) =>
        element.Member(name) is { ValueKind: JsonValueKind.String } value ? value.GetString() : null;

    public static bool IsTrue(this JsonElement element, string name) => element.Member(name) is { ValueKind: JsonValueKind.True };

    public static IEnumerable<JsonElement> Items(this JsonElement element, string name) =>
        element.Member(name) is { ValueKind: JsonValueKind.Array } value ? value.EnumerateArray() : [];

    /// <summary>The API tolerates some of these; here they are refused by name, so that a client's slip is seen.</summary>
    public static IEnumerable<ApiError> CheckMembers(this JsonElement element, string prefix, HashSet<string> known) =>
        element.EnumerateObject()
            .Where(member => !known.Contains(member.Name))
            .Select(member => ApiError.Invalid($"unsupported field `{prefix}{member.Name}`"));
}
