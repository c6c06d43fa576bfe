using System.Text.Json;

namespace V4Agents.Runner;

/// <summary>A tool's arguments; what is missing or of the wrong type is refused by name.</summary>
internal sealed class ToolArguments
{
    private readonly JsonElement _json;

    public ToolArguments(JsonElement json)
    {
        if (json.ValueKind != JsonValueKind.Object)
        {
            throw new ToolException("The arguments must be a JSON object.");
        }

        _json = json;
    }

    public string Text(string name) => OptionalText(name) ?? throw new ToolException($"The argument '{name}' is missing.");

    public string? OptionalText(string name) => Find(name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.String } value => value.GetString(),
        _ => throw new ToolException($"The argument '{name}' must be a string."),
    };

    /// <summary>A text for the system, which would end it at a NUL.</summary>
    public string Line(string name) => OptionalLine(name) ?? throw new ToolException($"The argument '{name}' is missing.");

    public string? OptionalLine(string name) => OptionalText(name) is var text && text?.Contains('\0') is true
        ? throw new ToolException($"The argument '{name}' must not contain a NUL character.")
        : text;

    public int? OptionalNumber(string name, int least) => Find(name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.Number } value when value.TryGetInt32(out var number) && number >= least => number,
        _ => throw new ToolException($"The argument '{name}' must be a whole number, {least} or more."),
    };

    public bool Flag(string name) => Find(name) switch
    {
        null or { ValueKind: JsonValueKind.False } => false,
        { ValueKind: JsonValueKind.True } => true,
        _ => throw new ToolException($"The argument '{name}' must be true or false."),
    };

    public IEnumerable<(string Name, string Value)> Map(string name)
    {
        if (Find(name) is not { } map)
        {
            yield break;
        }

        if (map.ValueKind != JsonValueKind.Object)
        {
            throw new ToolException($"The argument '{name}' must be an object of strings.");
        }

        foreach (var entry in map.EnumerateObject())
        {
            yield return entry.Value.ValueKind == JsonValueKind.String && entry.Name.Length > 0 && !entry.Name.AsSpan().ContainsAny('=', '\0')
                && entry.Value.GetString()?.Contains('\0') is false
                ? (entry.Name, entry.Value.GetString() ?? "")
                : throw new ToolException($"The argument '{name}' must be an object of strings; '{entry.Name}' is not.");
        }
    }

    private JsonElement? Find(string name) =>
        _json.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;
}
