using System.Text.Json;

namespace V4Agents.Simulator.Protocol;

/// <summary>How messages may follow each other, and what must be passed back.</summary>
internal static class ConversationRules
{
    public static IEnumerable<ApiError> Check(JsonElement body, bool thinking)
    {
        var messages = body.Items("messages").ToList();
        return CheckPairs(messages).Concat(body.Items("tools").Any() ? CheckWithTools(messages, thinking) : []);
    }

    private static IEnumerable<ApiError> CheckPairs(List<JsonElement> messages)
    {
        HashSet<string> open = [];
        foreach (var message in messages)
        {
            if (message.Text("role") == "tool")
            {
                if (!open.Remove(message.Text("tool_call_id") ?? ""))
                {
                    yield return ApiError.OrphanToolMessage;
                }

                continue;
            }

            if (open.Count > 0)
            {
                yield return ApiError.ToolMessagesMissing;
            }

            open = [.. message.Items("tool_calls").Select(call => call.Text("id") ?? "")];
        }

        if (open.Count > 0)
        {
            yield return ApiError.ToolMessagesMissing;
        }
    }

    private static IEnumerable<ApiError> CheckWithTools(List<JsonElement> messages, bool thinking)
    {
        var forgotten = thinking && messages.Any(message => message.Text("role") == "assistant" && message.Member("reasoning_content") is null);

        // A system message at the end was seen to trigger the same refusal, whatever the history holds.
        if (forgotten || messages[^1].Text("role") == "system")
        {
            yield return ApiError.ReasoningMissing;
        }
    }
}
