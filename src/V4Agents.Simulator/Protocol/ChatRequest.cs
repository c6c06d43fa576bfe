using System.Text.Json;

namespace V4Agents.Simulator.Protocol;

/// <summary>A request that keeps the rules, with its defaults filled in.</summary>
/// <param name="Effort">The effort that is in effect: <c>none</c> when thinking is off.</param>
internal sealed record ChatRequest(JsonElement Body, string Model, string Effort, int MaxTokens)
{
    public bool Thinking => Effort != Protocol.Effort.None;

    public bool Stream => Body.IsTrue("stream");

    public bool IncludeUsage => Body.Member("stream_options")?.IsTrue("include_usage") ?? false;

    public string UserId => Body.Text("user_id") ?? "";

    public IEnumerable<JsonElement> Messages => Body.Items("messages");

    public bool HasTools => Body.Items("tools").Any();

    /// <summary>With the choice <c>none</c> the model does not see the tools.</summary>
    public bool ShowsTools => HasTools && Body.Text("tool_choice") != "none";

    /// <summary>Null with the first rule that is broken.</summary>
    public static ChatRequest? Read(JsonElement body, out ApiError? error)
    {
        if (body.ValueKind != JsonValueKind.Object)
        {
            error = ApiError.Invalid("Failed to parse the request body as JSON: expected an object");
            return null;
        }

        var thinking = body.Member("thinking")?.Text("type") != "disabled" && body.Text("reasoning_effort") != Protocol.Effort.None;
        error = ParameterRules.Check(body)
            .Concat(ToolRules.Check(body, thinking))
            .Concat(MessageRules.Check(body))
            .Concat(ConversationRules.Check(body, thinking))
            .FirstOrDefault();
        if (error is not null || body.Text("model") is not { } model)
        {
            return null;
        }

        var effort = thinking ? Protocol.Effort.Effective(body.Text("reasoning_effort") ?? Protocol.Effort.Default) ?? Protocol.Effort.Default : Protocol.Effort.None;
        return new ChatRequest(body, model, effort, body.Member("max_tokens")?.GetInt32() ?? DefaultMaxTokens(effort));
    }

    private static int DefaultMaxTokens(string effort) => effort switch
    {
        Protocol.Effort.None => 8 * 1024,
        Protocol.Effort.Max => 128 * 1024,
        _ => 64 * 1024,
    };
}
