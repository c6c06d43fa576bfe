using System.Text.Json.Nodes;
using V4Agents.Simulator.Requests;

namespace V4Agents.Simulator.Answers;

/// <summary>An answer in the words of the wire, whole or in chunks.</summary>
internal sealed class AnswerJson(Answer answer, DateTimeOffset created, bool thinking, bool includeUsage)
{
    private const int PieceLength = 24;

    public JsonObject Whole()
    {
        var message = new JsonObject { ["role"] = "assistant", ["content"] = answer.Content };
        if (thinking)
        {
            message["reasoning_content"] = answer.Reasoning;
        }

        if (answer.Calls.Count > 0)
        {
            message["tool_calls"] = new JsonArray([.. answer.Calls.Select(call => Call(call, call.Arguments))]);
        }

        var choice = new JsonObject { ["index"] = 0, ["message"] = message, ["logprobs"] = null, ["finish_reason"] = answer.FinishReason };
        var whole = Envelope("chat.completion", choice);
        whole["usage"] = Usage(answer.Usage);
        return whole;
    }

    /// <summary>Role, reasoning, content, calls, and the end with the usage. Each with the characters of the answer it carries.</summary>
    public IEnumerable<(JsonObject Chunk, int Characters)> Chunks()
    {
        yield return (Chunk(new JsonObject { ["role"] = "assistant", ["content"] = "" }), 0);

        foreach (var piece in Pieces(answer.Reasoning))
        {
            yield return (Chunk(new JsonObject { ["content"] = null, ["reasoning_content"] = piece }), piece.Length);
        }

        foreach (var piece in Pieces(answer.Content))
        {
            yield return (Chunk(new JsonObject { ["content"] = piece, ["reasoning_content"] = null }), piece.Length);
        }

        for (var index = 0; index < answer.Calls.Count; index++)
        {
            var call = answer.Calls[index];
            var head = Call(call, "");
            head.Insert(0, "index", index);
            yield return (Chunk(new JsonObject { ["tool_calls"] = new JsonArray(head) }), 0);

            foreach (var piece in Pieces(call.Arguments))
            {
                var fragment = new JsonObject { ["index"] = index, ["function"] = new JsonObject { ["arguments"] = piece } };
                yield return (Chunk(new JsonObject { ["tool_calls"] = new JsonArray(fragment) }), piece.Length);
            }
        }

        var end = Chunk(new JsonObject { ["role"] = null, ["content"] = "" }, answer.FinishReason);
        end["usage"] = Usage(answer.Usage);
        yield return (end, 0);
    }

    private static IEnumerable<string> Pieces(string text)
    {
        for (var start = 0; start < text.Length;)
        {
            var end = Math.Min(start + PieceLength, text.Length);
            end += end < text.Length && char.IsHighSurrogate(text[end - 1]) ? 1 : 0;
            yield return text[start..end];
            start = end;
        }
    }

    private static JsonObject Call(AnswerCall call, string arguments) => new()
    {
        ["id"] = call.Id,
        ["type"] = "function",
        ["function"] = new JsonObject { ["name"] = call.Name, ["arguments"] = arguments },
    };

    private static JsonObject Usage(SimulatedUsage usage) => new()
    {
        ["prompt_tokens"] = usage.PromptTokens,
        ["completion_tokens"] = usage.CompletionTokens,
        ["total_tokens"] = usage.PromptTokens + usage.CompletionTokens,
        ["prompt_tokens_details"] = new JsonObject { ["cached_tokens"] = usage.CacheHitTokens },
        ["completion_tokens_details"] = new JsonObject { ["reasoning_tokens"] = usage.ReasoningTokens },
        ["prompt_cache_hit_tokens"] = usage.CacheHitTokens,
        ["prompt_cache_miss_tokens"] = usage.CacheMissTokens,
    };

    private JsonObject Chunk(JsonObject delta, string? finishReason = null)
    {
        var chunk = Envelope(
            "chat.completion.chunk", new JsonObject { ["index"] = 0, ["delta"] = delta, ["logprobs"] = null, ["finish_reason"] = finishReason });
        if (includeUsage)
        {
            chunk["usage"] = null;
        }

        return chunk;
    }

    private JsonObject Envelope(string kind, JsonObject choice) => new()
    {
        ["id"] = answer.Id,
        ["object"] = kind,
        ["created"] = created.ToUnixTimeSeconds(),
        ["model"] = answer.Model,
        ["system_fingerprint"] = "fp_simulator",
        ["choices"] = new JsonArray(choice),
    };
}
