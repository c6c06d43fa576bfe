using System.Text;

namespace V4Agents.Simulator.Protocol;

/// <summary>Tokens, approximately and always alike: UTF-8 bytes divided by 4, rounded up.</summary>
internal static class TokenEstimate
{
    public const int BytesPerToken = 4;

    /// <summary>Input and output together.</summary>
    public const long ContextWindow = 1_048_576;

    public const int MaxOutput = 393_216;

    public static long OfBytes(long bytes) => (bytes + BytesPerToken - 1) / BytesPerToken;

    public static long Of(string text) => OfBytes(Encoding.UTF8.GetByteCount(text));

    public static ApiError? CheckWindow(long promptTokens, long maxTokens) => promptTokens + maxTokens <= ContextWindow
        ? null
        : ApiError.Invalid(
            $"This model's maximum context length is {ContextWindow} tokens. However, you requested {promptTokens + maxTokens} tokens " +
            $"({promptTokens} in the messages, {maxTokens} in the completion). Please reduce the length of the messages or completion.");
}
