namespace V4Agents.Models;

/// <summary>Where calls go, and how it is named to people: host and port only, never the key.</summary>
internal sealed class Endpoint(ModelOptions options)
{
    public Uri ChatCompletions { get; } = new($"{options.Url.TrimEnd('/')}/chat/completions");

    public string Host => ChatCompletions.IsDefaultPort ? ChatCompletions.Host : ChatCompletions.Authority;

    public string? Key { get; } = string.IsNullOrEmpty(options.Key) ? null : options.Key;

    public string? Missing => Key is not null || ChatCompletions.IsLoopback
        ? null
        : $"No key is configured for the model endpoint {Host}. Set V4_MODEL_KEY or DEEPSEEK_API_KEY (any text if the server wants no key), "
            + "or V4_MODEL_URL to another endpoint.";

    public string Redact(string text) => Key is null ? text : text.Replace(Key, "[key]", StringComparison.Ordinal);
}
