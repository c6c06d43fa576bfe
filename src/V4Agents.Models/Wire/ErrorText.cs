using System.Text.Json;

namespace V4Agents.Models.Wire;

/// <summary>What a server says about a refusal, made fit to be shown: one bounded line. Pages and unknown JSON are not quoted.</summary>
internal static class ErrorText
{
    private const int MaxLength = 300;

    public static string? FromBody(ReadOnlyMemory<byte> body, Endpoint endpoint)
    {
        try
        {
            using var json = JsonDocument.Parse(body);
            return Clean(Find(json.RootElement), endpoint);
        }
        catch (JsonException)
        {
            var text = System.Text.Encoding.UTF8.GetString(body.Span);
            return text.TrimStart().StartsWith('<') ? null : Clean(text, endpoint);
        }
    }

    public static string? FromError(JsonElement error, Endpoint endpoint) => Clean(Message(error), endpoint);

    // The envelopes in use: {"error":{"message"}}, {"error":"..."}, {"message"}, {"detail":"..."} and {"detail":[{"msg","input"}]}, whose
    // input may be the prompt.
    private static string? Find(JsonElement root)
    {
        if (root.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        if (root.TryGetProperty("error", out var error) && Message(error) is { } message)
        {
            return message;
        }

        if (root.TryGetProperty("detail", out var detail))
        {
            var first = detail.ValueKind == JsonValueKind.Array && detail.GetArrayLength() > 0 ? detail[0] : detail;
            return first.ValueKind == JsonValueKind.Object && first.TryGetProperty("msg", out var text) ? Text(text) : Text(first);
        }

        return Message(root);
    }

    private static string? Message(JsonElement error) =>
        error.ValueKind == JsonValueKind.Object && error.TryGetProperty("message", out var message) ? Text(message) : Text(error);

    private static string? Text(JsonElement element) => element.ValueKind == JsonValueKind.String ? element.GetString() : null;

    private static string? Clean(string? text, Endpoint endpoint)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            return null;
        }

        var line = new string([.. endpoint.Redact(text).Trim().Select(c => char.IsControl(c) ? ' ' : c)]);
        return line.Length <= MaxLength ? line : line[..MaxLength] + "…";
    }
}
