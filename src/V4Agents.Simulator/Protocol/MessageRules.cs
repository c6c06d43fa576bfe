using System.Text.Json;

namespace V4Agents.Simulator.Protocol;

/// <summary>The shape of each message. How messages follow each other is <see cref="ConversationRules"/>' matter.</summary>
internal static class MessageRules
{
    private static readonly HashSet<string> Text = ["role", "content", "name"];
    private static readonly HashSet<string> Assistant = ["role", "content", "name", "reasoning_content", "tool_calls"];
    private static readonly HashSet<string> Tool = ["role", "content", "tool_call_id"];
    private static readonly HashSet<string> Call = ["id", "type", "function"];
    private static readonly HashSet<string> CallFunction = ["name", "arguments"];

    public static IEnumerable<ApiError> Check(JsonElement body) => body.Items("messages").SelectMany((message, i) => Check(message, $"messages[{i}]", body));

    private static IEnumerable<ApiError> Check(JsonElement message, string at, JsonElement body)
    {
        if (message.ValueKind != JsonValueKind.Object)
        {
            return [ApiError.Invalid($"{at}: expected an object")];
        }

        return message.Text("role") switch
        {
            null => [ApiError.Invalid($"{at}: missing field `role`")],
            "user" => message.CheckMembers($"{at}.", Text).Concat(CheckUserContent(message, at, body)),
            "system" or "latest_reminder" => message.CheckMembers($"{at}.", Text).Concat(CheckContent(message, at)),
            "tool" => message.CheckMembers($"{at}.", Tool).Concat(CheckContent(message, at)).Concat(CheckToolMessage(message, at)),
            "assistant" => message.CheckMembers($"{at}.", Assistant).Concat(CheckAssistant(message, at)),
            var role =>
            [
                ApiError.Invalid($"{at}.role: unknown variant `{role}`, expected one of `system`, `user`, `assistant`, `tool`, `latest_reminder`"),
            ],
        };
    }

    private static IEnumerable<ApiError> CheckContent(JsonElement message, string at) =>
        message.Text("content") is null ? [ApiError.Invalid($"{at}.content: expected a string")] : [];

    private static IEnumerable<ApiError> CheckUserContent(JsonElement message, string at, JsonElement body)
    {
        if (message.Member("content") is not { ValueKind: JsonValueKind.Array })
        {
            return CheckContent(message, at);
        }

        if (ModelCatalog.Serving(body.Text("model") ?? "") != ModelCatalog.Flash)
        {
            return [ApiError.Invalid($"{at}.content: expected a string, this model takes no content parts")];
        }

        return message.Items("content").All(part => part.Text("type") == "text" && part.Text("text") is not null)
            ? []
            : [ApiError.Invalid($"{at}.content: the simulator takes text parts only")];
    }

    private static IEnumerable<ApiError> CheckToolMessage(JsonElement message, string at) =>
        message.Text("tool_call_id") is null ? [ApiError.Invalid($"{at}: missing field `tool_call_id`")] : [];

    private static IEnumerable<ApiError> CheckAssistant(JsonElement message, string at)
    {
        foreach (var name in new[] { "content", "reasoning_content" })
        {
            if (message.Member(name) is { ValueKind: not JsonValueKind.String })
            {
                yield return ApiError.Invalid($"{at}.{name}: expected a string or null");
            }
        }

        var calls = message.Items("tool_calls").ToList();
        if (calls.Count == 0 && message.Member("content") is null)
        {
            yield return ApiError.Invalid("Invalid assistant message: content or tool_calls must be set");
        }

        foreach (var error in calls.SelectMany((call, i) => CheckCall(call, $"{at}.tool_calls[{i}]")))
        {
            yield return error;
        }
    }

    private static IEnumerable<ApiError> CheckCall(JsonElement call, string at)
    {
        if (call.Text("id") is null or "" || call.Text("type") != "function" || call.Member("function") is not { ValueKind: JsonValueKind.Object } function)
        {
            return [ApiError.Invalid($"{at}: expected an id, the type `function` and a function")];
        }

        return call.CheckMembers($"{at}.", Call).Concat(function.CheckMembers($"{at}.function.", CallFunction)).Concat(CheckCallFunction(function, at));
    }

    private static IEnumerable<ApiError> CheckCallFunction(JsonElement function, string at)
    {
        if (function.Text("name") is null or "")
        {
            yield return ApiError.Invalid($"{at}.function: missing field `name`");
        }

        if (function.Text("arguments") is not { } arguments || !IsJson(arguments))
        {
            yield return ApiError.Invalid($"{at}.function.arguments: not valid JSON");
        }
    }

    private static bool IsJson(string text)
    {
        try
        {
            JsonElement.Parse(text);
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
