using System.Text.Json;

namespace V4Agents.Models.Wire;

/// <summary>Tells a JSON text that was cut from one that is wrong: the first may come whole next time.</summary>
internal static class JsonText
{
    public static bool IsBlank(ReadOnlyMemory<byte> text) => text.Span.Trim(" \t\r\n"u8).IsEmpty;

    public static bool IsCut(ReadOnlyMemory<byte> text)
    {
        var reader = new Utf8JsonReader(text.Span, isFinalBlock: false, default);
        try
        {
            return !reader.Read() || !reader.TrySkip();
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
