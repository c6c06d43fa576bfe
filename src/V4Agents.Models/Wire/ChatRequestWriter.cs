using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using V4Agents.Core.Conversations;

namespace V4Agents.Models.Wire;

/// <summary>
/// The request body. Members keep one order with the messages last, so that a conversation's next request is this one's bytes up to the
/// closing brackets plus the new messages: the provider's prefix cache pays for nothing else.
/// </summary>
internal static class ChatRequestWriter
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static ReadOnlyMemory<byte> Write(ModelRequest request, ModelProfile profile, bool stream)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, Options))
        {
            json.WriteStartObject();
            json.WriteString("model", profile.Model);
            WriteThinking(json, profile.Effort);
            json.WriteNumber("max_tokens", request.MaxTokens);
            json.WriteBoolean("stream", stream);
            if (stream)
            {
                json.WriteStartObject("stream_options");
                json.WriteBoolean("include_usage", true);
                json.WriteEndObject();
            }

            if (request.Tools.Count > 0)
            {
                WriteTools(json, request.Tools);
            }

            json.WriteStartArray("messages");
            foreach (var message in request.Messages)
            {
                WriteMessage(json, message, withReasoning: request.Tools.Count > 0);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return buffer.WrittenMemory;
    }

    private static void WriteThinking(Utf8JsonWriter json, string effort)
    {
        var thinks = effort != "none";
        json.WriteStartObject("thinking");
        json.WriteString("type", thinks ? "enabled" : "disabled");
        json.WriteEndObject();
        if (thinks)
        {
            json.WriteString("reasoning_effort", effort);
        }
    }

    private static void WriteTools(Utf8JsonWriter json, IReadOnlyList<ToolDefinition> tools)
    {
        json.WriteStartArray("tools");
        foreach (var tool in tools)
        {
            json.WriteStartObject();
            json.WriteString("type", "function");
            json.WriteStartObject("function");
            json.WriteString("name", tool.Name);
            json.WriteString("description", tool.Description);
            json.WritePropertyName("parameters");
            json.WriteRawValue(tool.ParametersJson);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteMessage(Utf8JsonWriter json, ChatMessage message, bool withReasoning)
    {
        json.WriteStartObject();
        switch (message)
        {
            case ChatMessage.System system:
                json.WriteString("role", "system");
                json.WriteString("content", system.Content);
                break;
            case ChatMessage.User user:
                json.WriteString("role", "user");
                json.WriteString("content", user.Content);
                break;
            case ChatMessage.Assistant assistant:
                WriteAssistant(json, assistant, withReasoning);
                break;
            case ChatMessage.ToolResult result:
                json.WriteString("role", "tool");
                json.WriteString("tool_call_id", result.CallId);
                json.WriteString("content", result.Content);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(message), message.GetType().Name, "This kind of message has no wire form.");
        }

        json.WriteEndObject();
    }

    private static void WriteAssistant(Utf8JsonWriter json, ChatMessage.Assistant message, bool withReasoning)
    {
        json.WriteString("role", "assistant");

        // With tools the API wants every earlier turn's reasoning back, and takes "" where there was none; without tools it ignores it.
        if (withReasoning)
        {
            json.WriteString("reasoning_content", message.Reasoning ?? "");
        }

        // Null is for turns that only call tools: a turn with neither is refused.
        json.WriteString("content", message.ToolCalls.Count == 0 ? message.Content ?? "" : message.Content);
        if (message.ToolCalls.Count == 0)
        {
            return;
        }

        json.WriteStartArray("tool_calls");
        foreach (var call in message.ToolCalls)
        {
            json.WriteStartObject();
            json.WriteString("id", call.Id);
            json.WriteString("type", "function");
            json.WriteStartObject("function");
            json.WriteString("name", call.Name);
            json.WriteString("arguments", call.Arguments);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}
