using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using V4Agents.Core.Tasks;

namespace V4Agents.Core.Journal;

/// <summary>Events as they are stored: a kind, a version and a JSON object. Every version that was ever written is read.</summary>
public static class EventCodec
{
    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false) },

        // A fact with a hole in it is not read as one with a default.
        RespectRequiredConstructorParameters = true,
        RespectNullableAnnotations = true,
    };

    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };

    private static readonly Dictionary<string, (Type Type, int Version)> Types = typeof(TaskEvent).GetNestedTypes()
        .Select(type => (Type: type, Stored: type.GetCustomAttribute<StoredAttribute>()))
        .Where(pair => pair.Stored is not null)
        .ToDictionary(pair => pair.Stored!.Kind, pair => (pair.Type, pair.Stored!.Version)); // Those without were just left out.

    private static readonly Dictionary<Type, StoredAttribute> Names = Types.Values
        .ToDictionary(known => known.Type, known => known.Type.GetCustomAttribute<StoredAttribute>()!); // Only types that have one are known.

    public static StoredAttribute NameOf(TaskEvent e) => Names[e.GetType()];

    public static string Encode(TaskEvent e) => JsonSerializer.Serialize(e, e.GetType(), Options);

    /// <exception cref="JournalException">The kind or version is unknown, or the payload is not what the kind says.</exception>
    public static TaskEvent Decode(string kind, int version, string payload)
    {
        if (!Types.TryGetValue(kind, out var known) || version > known.Version)
        {
            var reason = known.Type is null ? "knows no such kind" : $"knows up to version {known.Version}";
            throw new JournalException(
                JournalFault.Unreadable,
                $"it is '{kind}' version {version}, and this release of V4Agents {reason}. A newer release wrote it: run that one or a later one.");
        }

        try
        {
            var e = version == known.Version
                ? JsonSerializer.Deserialize(payload, known.Type, Options)
                : Upcast(kind, version, known.Version, payload).Deserialize(known.Type, Options);
            return e as TaskEvent ?? throw Damaged(kind, version, "it has no content", inner: null);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw Damaged(kind, version, e.Message, e);
        }
    }

    private static JsonObject Upcast(string kind, int version, int current, string payload)
    {
        var content = JsonNode.Parse(payload, documentOptions: Strict)?.AsObject() ?? throw new JsonException("it has no content");
        Upcasts.Apply(kind, version, current, content);
        return content;
    }

    private static JournalException Damaged(string kind, int version, string reason, Exception? inner) => new(
        JournalFault.Unreadable,
        $"it is '{kind}' version {version}, and its payload is not what that version holds: {reason} The row was changed from outside or is damaged: "
        + "restore it from a backup.",
        inner);
}
