using System.Text;
using System.Text.Json;
using V4Agents.Simulator.Protocol;

namespace V4Agents.Simulator.Caching;

/// <summary>
/// The bytes the model would see, in an encoding of our own that keeps what matters to a prefix: effort first, then tools as sent, then messages in order.
/// </summary>
internal static class PromptRenderer
{
    public static PromptChain Render(ChatRequest request) => PromptChain.Of(
        $"{request.UserId}\n{ModelCatalog.Serving(request.Model)}",
        request.Messages.Select(message => RenderMessage(message, request)).Prepend(RenderHead(request)));

    /// <summary>The answer as it looks when it comes back as history.</summary>
    public static byte[] RenderAnswer(string reasoning, string content, IEnumerable<(string Id, string Name, string Arguments)> calls, ChatRequest request)
    {
        var text = new StringBuilder("<assistant>");
        if (request.HasTools && request.Thinking)
        {
            text.Append("<think>").Append(reasoning).Append("</think>");
        }

        text.Append(content);
        foreach (var (id, name, arguments) in calls)
        {
            text.Append("<call ").Append(id).Append('>').Append(name).Append('\n').Append(arguments);
        }

        return Encoding.UTF8.GetBytes(text.ToString());
    }

    private static byte[] RenderHead(ChatRequest request)
    {
        var tools = request.ShowsTools ? request.Body.Member("tools")?.GetRawText() : null;
        return Encoding.UTF8.GetBytes($"<effort>{request.Effort}<format>{request.Body.Member("response_format")?.Text("type")}<tools>{tools}");
    }

    private static byte[] RenderMessage(JsonElement message, ChatRequest request) => message.Text("role") switch
    {
        "assistant" => RenderAnswer(
            message.Text("reasoning_content") ?? "",
            message.Text("content") ?? "",
            message.Items("tool_calls").Select(call => (
                call.Text("id") ?? "", call.Member("function")?.Text("name") ?? "", call.Member("function")?.Text("arguments") ?? "")),
            request),
        var role => Encoding.UTF8.GetBytes($"<{role} {message.Text("name")}{message.Text("tool_call_id")}>{ContentOf(message)}"),
    };

    /// <summary>The text of a message, its parts joined.</summary>
    public static string ContentOf(JsonElement message) =>
        message.Text("content") ?? string.Concat(message.Items("content").Select(part => part.Text("text")));
}
