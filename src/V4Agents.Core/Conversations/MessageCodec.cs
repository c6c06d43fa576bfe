using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace V4Agents.Core.Conversations;

/// <summary>Messages and tool lists as the bytes that are stored once and read back for every later request.</summary>
public static class MessageCodec
{
    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static byte[] Encode(ChatMessage message) => JsonSerializer.SerializeToUtf8Bytes(message, Options);

    public static ChatMessage Decode(ReadOnlySpan<byte> stored) =>
        JsonSerializer.Deserialize<ChatMessage>(stored, Options) ?? throw new JsonException("A stored message is JSON null.");

    public static byte[] EncodeTools(IReadOnlyList<ToolDefinition> tools) => JsonSerializer.SerializeToUtf8Bytes(tools, Options);

    public static IReadOnlyList<ToolDefinition> DecodeTools(ReadOnlySpan<byte> stored) =>
        JsonSerializer.Deserialize<List<ToolDefinition>>(stored, Options) ?? throw new JsonException("A stored tool list is JSON null.");
}
