using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;
using V4Agents.Core.Tasks;

namespace V4Agents.Core.Journal;

/// <summary>Events as they are stored: a kind, a version and a JSON object.</summary>
public static class EventCodec
{
    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
    };

    private static readonly Dictionary<(string Kind, int Version), Type> Types = typeof(TaskEvent).GetNestedTypes()
        .Select(type => (Type: type, Stored: type.GetCustomAttribute<StoredAttribute>()))
        .Where(pair => pair.Stored is not null)
        .ToDictionary(pair => (pair.Stored!.Kind, pair.Stored.Version), pair => pair.Type);

    private static readonly Dictionary<Type, StoredAttribute> Names = Types.Values
        .ToDictionary(type => type, type => type.GetCustomAttribute<StoredAttribute>()!);

    public static StoredAttribute NameOf(TaskEvent e) => Names[e.GetType()];

    public static string Encode(TaskEvent e) => JsonSerializer.Serialize(e, e.GetType(), Options);

    /// <exception cref="JournalException">The kind or version is unknown, or the payload is not what the kind says.</exception>
    public static TaskEvent Decode(string kind, int version, string payload)
    {
        if (!Types.TryGetValue((kind, version), out var type))
        {
            throw new JournalException(
                JournalFault.Unreadable,
                $"The journal holds an event '{kind}' version {version}, which this version of V4Agents does not know. Upgrade the service.");
        }

        try
        {
            return (TaskEvent)(JsonSerializer.Deserialize(payload, type, Options)
                ?? throw new JournalException(JournalFault.Unreadable, $"The journal holds an event '{kind}' without content."));
        }
        catch (JsonException e)
        {
            throw new JournalException(JournalFault.Unreadable, $"The journal holds an event '{kind}' version {version} that does not parse: {e.Message}", e);
        }
    }
}
