using System.Text.Json;

namespace V4Agents.Core.Tools;

/// <summary>Arguments as the model wrote them: JSON text that may be broken.</summary>
public static class ToolArguments
{
    public static bool IsObject(string json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            return document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.EnumerateObject().All(IsReadable);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return false;
        }
    }

    /// <summary>One line that tells a person what the call does; for display only.</summary>
    public static string Preview(string name, string json)
    {
        const int Width = 160;
        using var document = JsonDocument.Parse(json);
        var member = name switch { ToolCatalog.Bash => "command", "search" => "pattern", ToolCatalog.Submit => "summary", _ => "path" };
        var text = document.RootElement.TryGetProperty(member, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : json;
        var line = text.ReplaceLineEndings(" ⏎ ").Trim();
        return line.Length <= Width ? line : string.Concat(line.AsSpan(0, char.IsHighSurrogate(line[Width - 2]) ? Width - 2 : Width - 1), "…");
    }

    /// <summary>The time limit a call asks for, within the workflow's own.</summary>
    public static TimeSpan Timeout(string json, TimeSpan limit)
    {
        using var document = JsonDocument.Parse(json);
        return document.RootElement.TryGetProperty("timeout_seconds", out var value) && value.ValueKind == JsonValueKind.Number
            && value.TryGetDouble(out var seconds) && seconds >= 1
            ? TimeSpan.FromSeconds(Math.Min(seconds, limit.TotalSeconds))
            : limit;
    }

    /// <summary>An escaped half of a surrogate pair is JSON and no text: reading it throws.</summary>
    private static bool IsReadable(JsonProperty property) =>
        property.Name is not null && (property.Value.ValueKind != JsonValueKind.String || property.Value.GetString() is not null);
}
