using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace V4Agents.Core.Verification;

/// <summary>Verification results as stored blobs.</summary>
public static class VerificationCodec
{
    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        IgnoreReadOnlyProperties = true,
    };

    public static byte[] Encode(VerificationResult result) => JsonSerializer.SerializeToUtf8Bytes(result, Options);

    public static VerificationResult Decode(ReadOnlySpan<byte> stored) =>
        JsonSerializer.Deserialize<VerificationResult>(stored, Options) ?? throw new JsonException("A stored verification is JSON null.");
}
