using System.Text.Json;

namespace V4Agents.Grains.Triage;

/// <summary>The part of a triage answer that the solver is shown. An answer that is not the JSON asked for is no brief.</summary>
internal static class TriageBrief
{
    private const int MaxChars = 2_000;

    public static string? Read(string? content)
    {
        var start = content?.IndexOf('{') ?? -1;
        var end = content?.LastIndexOf('}') ?? -1;
        if (content is null || start < 0 || end <= start)
        {
            return null;
        }

        try
        {
            using var document = JsonDocument.Parse(content.AsMemory(start, end - start + 1));
            var known = new[] { "kind", "difficulty", "summary", "areas" }.Where(name => document.RootElement.TryGetProperty(name, out _)).ToList();
            var text = string.Join('\n', known.Select(name => $"{name}: {document.RootElement.GetProperty(name)}"));
            return text.Length == 0 ? null : text.Length <= MaxChars ? text : text[..MaxChars];
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
