using System.Text;
using V4Agents.Core.Budgets;
using V4Agents.Core.Conversations;

namespace V4Agents.Models.Wire;

/// <summary>Puts one reply together from frames, whichever server's habits they follow.</summary>
internal sealed class ReplyAssembly(string askedModel)
{
    private readonly StringBuilder _reasoning = new();
    private readonly StringBuilder _content = new();
    private readonly ToolCallAssembly _calls = new();
    private long _argumentChars;
    private string? _finish;
    private string? _model;
    private ChatChunk.TokenUsage? _usage;

    public string? Id { get; private set; }

    /// <summary>Whether anything at all was said about an answer.</summary>
    public bool Began { get; private set; }

    /// <summary>Whether the server has said how the answer ended. Only usage may still follow.</summary>
    public bool Finished => _finish is not null;

    public string? RawFinish => _finish;

    public long ReasoningChars => _reasoning.Length;

    /// <summary>Tool arguments count as content: they are what the model writes when it is not thinking.</summary>
    public long ContentChars => _content.Length + _argumentChars;

    public void Add(ChatChunk chunk)
    {
        Id ??= chunk.Id;
        _model ??= string.IsNullOrEmpty(chunk.Model) ? null : chunk.Model;
        _usage = chunk.Usage ?? _usage;

        // One choice is all that is ever asked for.
        if (chunk.Choices?.FirstOrDefault(choice => choice.Index == 0) is not { } choice)
        {
            return;
        }

        Began = true;
        _finish = choice.FinishReason ?? _finish;
        if ((choice.Delta ?? choice.Message) is { } turn)
        {
            Add(turn, whole: choice.Delta is null);
        }
    }

    public ModelOutcome.Reply ToReply() => new(
        new ChatMessage.Assistant(Text(_reasoning), Text(_content), _calls.Calls()), Finish(), Usage(), _model ?? askedModel);

    private void Add(ChatChunk.Turn turn, bool whole)
    {
        _reasoning.Append(string.IsNullOrEmpty(turn.ReasoningContent) ? turn.Reasoning : turn.ReasoningContent);
        _content.Append(turn.Content);
        var position = 0;
        foreach (var call in turn.ToolCalls ?? [])
        {
            _calls.Add(whole ? call with { Index = position++ } : call);
            _argumentChars += call.Function?.Arguments?.Length ?? 0;
        }
    }

    private static string? Text(StringBuilder text) => text.Length == 0 ? null : text.ToString();

    private FinishReason Finish() => _finish switch
    {
        "length" => FinishReason.Length,
        "content_filter" => FinishReason.ContentFilter,
        "tool_calls" => FinishReason.ToolCalls,
        "stop" => FinishReason.Stop,
        _ => _calls.Any ? FinishReason.ToolCalls : FinishReason.Stop,
    };

    private Usage Usage()
    {
        if (_usage is not { } usage)
        {
            return Core.Budgets.Usage.None;
        }

        var hit = usage.PromptCacheHitTokens ?? usage.PromptTokensDetails?.CachedTokens ?? 0;
        var miss = usage.PromptCacheMissTokens ?? Math.Max(0, (usage.PromptTokens ?? 0) - hit);
        return new Usage(hit, miss, usage.CompletionTokens ?? 0, usage.CompletionTokensDetails?.ReasoningTokens ?? 0);
    }
}
