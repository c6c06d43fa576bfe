using System.Security.Cryptography;
using System.Text;
using V4Agents.Simulator.Protocol;
using V4Agents.Simulator.Requests;
using V4Agents.Simulator.Scenarios;

namespace V4Agents.Simulator.Answers;

/// <summary>Makes the answer of a turn; the same request gets the same one, ids included.</summary>
internal static class AnswerBuilder
{
    private const string Alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    public static Answer Build(ChatRequest request, Cue cue, Fault? fault, long promptTokens, long hitTokens)
    {
        var turn = cue.Turn;
        var calls = turn.ToolCalls.Select((call, i) => new AnswerCall(CallId(cue, i), call.Name, call.Arguments)).ToList();
        var answer = new Answer(
            AnswerId(request),
            request.Model,
            request.Thinking ? turn.Reasoning : "",
            turn.Content,
            calls,
            turn.FinishReason ?? (calls.Count > 0 ? "tool_calls" : "stop"),
            new SimulatedUsage(promptTokens, hitTokens, 0, 0));

        if (fault is { Kind: FaultKind.Finish, FinishReason: { } reason })
        {
            answer = Shorten(answer, fault.At ?? answer.Length / 2) with { FinishReason = reason };
        }
        else if (CompletionTokens(answer) > request.MaxTokens)
        {
            answer = Shorten(answer, request.MaxTokens * TokenEstimate.BytesPerToken) with { FinishReason = "length" };
        }

        return answer with { Usage = Count(answer, request, turn.Usage) };
    }

    private static SimulatedUsage Count(Answer answer, ChatRequest request, UsageOverride? wanted) => new(
        wanted?.PromptTokens ?? answer.Usage.PromptTokens,
        wanted?.CacheHitTokens ?? Math.Min(answer.Usage.CacheHitTokens, wanted?.PromptTokens ?? long.MaxValue),
        wanted?.CompletionTokens ?? Math.Min(CompletionTokens(answer), request.MaxTokens),
        wanted?.ReasoningTokens ?? Math.Min(TokenEstimate.Of(answer.Reasoning), request.MaxTokens));

    private static long CompletionTokens(Answer answer) => TokenEstimate.OfBytes(
        Encoding.UTF8.GetByteCount(answer.Reasoning) + Encoding.UTF8.GetByteCount(answer.Content)
        + answer.Calls.Sum(call => (long)Encoding.UTF8.GetByteCount(call.Name) + Encoding.UTF8.GetByteCount(call.Arguments)));

    /// <summary>The first characters in the order they are written; a call that is not reached is not there, one that is cut has broken arguments.</summary>
    private static Answer Shorten(Answer answer, int characters)
    {
        var left = characters;
        var reasoning = Take(answer.Reasoning, ref left);
        var content = Take(answer.Content, ref left);
        List<AnswerCall> calls = [];
        foreach (var call in answer.Calls.TakeWhile(_ => left > 0))
        {
            calls.Add(call with { Arguments = Take(call.Arguments, ref left) });
        }

        return answer with { Reasoning = reasoning, Content = content, Calls = calls };
    }

    private static string Take(string text, ref int left)
    {
        var length = Math.Min(text.Length, left);
        if (length > 0 && length < text.Length && char.IsHighSurrogate(text[length - 1]))
        {
            length--;
        }

        left = length < text.Length ? 0 : left - length;
        return text[..length];
    }

    private static string CallId(Cue cue, int index)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes($"{cue.Scenario}\n{cue.Role}\n{cue.Number}\n{index}"));
        return $"call_{index:00}_{string.Concat(hash.Take(24).Select(value => Alphabet[value % Alphabet.Length]))}";
    }

    private static string AnswerId(ChatRequest request) =>
        new Guid(SHA256.HashData(Encoding.UTF8.GetBytes(request.Body.GetRawText())).AsSpan(0, 16)).ToString();
}
