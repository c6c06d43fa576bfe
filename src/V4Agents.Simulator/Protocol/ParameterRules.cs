using System.Text.Json;
using System.Text.RegularExpressions;

namespace V4Agents.Simulator.Protocol;

/// <summary>The top-level members, all but what is inside tools and messages.</summary>
internal static partial class ParameterRules
{
    private static readonly HashSet<string> Known =
    [
        "model", "messages", "thinking", "reasoning_effort", "max_tokens", "temperature", "top_p", "presence_penalty", "frequency_penalty",
        "response_format", "stop", "stream", "stream_options", "tools", "tool_choice", "logprobs", "top_logprobs", "user_id",
    ];

    public static IEnumerable<ApiError> Check(JsonElement body) =>
        body.CheckMembers("", Known).Concat(Required(body)).Concat(Switches(body)).Concat(Ranges(body));

    private static IEnumerable<ApiError> Required(JsonElement body)
    {
        if (body.Member("model") is not { } model)
        {
            yield return ApiError.Invalid("missing field `model`");
        }
        else if (model.ValueKind != JsonValueKind.String)
        {
            yield return ApiError.Invalid("model: expected a string");
        }
        else if (ModelCatalog.Check(model.GetString() ?? "") is { } error)
        {
            yield return error;
        }

        if (body.Member("messages") is not { } messages)
        {
            yield return ApiError.Invalid("missing field `messages`");
        }
        else if (messages.ValueKind != JsonValueKind.Array)
        {
            yield return ApiError.Invalid("messages: expected an array");
        }
        else if (messages.GetArrayLength() == 0)
        {
            yield return ApiError.Invalid("Empty input messages");
        }
    }

    private static IEnumerable<ApiError> Switches(JsonElement body)
    {
        if (body.Member("thinking") is { } thinking && thinking.Text("type") is not ("enabled" or "disabled"))
        {
            yield return ApiError.Invalid($"thinking.type: unknown variant `{thinking.Text("type")}`, expected `enabled` or `disabled`");
        }

        foreach (var name in new[] { "stream", "logprobs" })
        {
            if (body.Member(name) is { ValueKind: not (JsonValueKind.True or JsonValueKind.False) })
            {
                yield return ApiError.Invalid($"{name}: expected a boolean");
            }
        }

        if (body.Member("stream_options") is not null && !body.IsTrue("stream"))
        {
            yield return ApiError.Invalid("The stream options should be set along with stream = true");
        }

        if (body.Member("response_format") is { } format && format.Text("type") is not ("text" or "json_object"))
        {
            yield return ApiError.Invalid($"response_format.type: unknown variant `{format.Text("type")}`, expected `text` or `json_object`");
        }
    }

    private static IEnumerable<ApiError> Ranges(JsonElement body)
    {
        if (body.Member("reasoning_effort") is { } effort && (effort.ValueKind != JsonValueKind.String || Effort.Effective(effort.GetString() ?? "") is null))
        {
            yield return ApiError.Unprocessable($"Invalid reasoning_effort {effort.GetRawText()}, expected one of {Effort.Names}");
        }

        if (body.Member("max_tokens") is { } maxTokens && !(maxTokens.ValueKind == JsonValueKind.Number
            && maxTokens.TryGetInt32(out var tokens) && tokens is >= 1 and <= TokenEstimate.MaxOutput))
        {
            yield return ApiError.Unprocessable($"Invalid max_tokens value, the valid range of max_tokens is [1, {TokenEstimate.MaxOutput}]");
        }

        foreach (var (name, max) in new[] { ("temperature", 2), ("top_p", 1), ("top_logprobs", 20) })
        {
            if (body.Member(name) is { } value && !(value.ValueKind == JsonValueKind.Number && value.GetDouble() is var number && number >= 0 && number <= max))
            {
                yield return ApiError.Unprocessable($"Invalid {name} value, the valid range of {name} is [0, {max}]");
            }
        }

        if (body.Member("stop") is { ValueKind: JsonValueKind.Array } stop && stop.GetArrayLength() > 16)
        {
            yield return ApiError.Unprocessable("Invalid stop value, at most 16 strings");
        }

        if (body.Member("user_id") is { } user && !(user.ValueKind == JsonValueKind.String && UserId().IsMatch(user.GetString() ?? "")))
        {
            yield return ApiError.Unprocessable(@"Invalid user_id value, expected [a-zA-Z0-9\-_]+ of at most 512 characters");
        }
    }

    [GeneratedRegex(@"\A[A-Za-z0-9_-]{1,512}\z")]
    private static partial Regex UserId();
}
