using System.Text.Json;
using V4Agents.Core.Conversations;

namespace V4Agents.Models.Wire;

/// <summary>Reads one answer body to its outcome. Cancellation and broken connections pass through as exceptions.</summary>
internal sealed class ReplyReader(
    ReplyAssembly reply, Failures failures, Action<ReadOnlyMemory<byte>> trace, IProgress<ModelProgress> progress, CallClock clock)
{
    /// <summary>Far above what 384K output tokens come to: whatever sends more is not answering.</summary>
    private const int MaxChars = 32 * 1024 * 1024;

    private const int MaxBody = 64 * 1024 * 1024;
    private long _keepAlives;

    public async Task<ModelOutcome> ReadStreamAsync(Stream body, CancellationToken cancellationToken)
    {
        await foreach (var item in EventStreamReader.ReadAsync(body, clock, cancellationToken))
        {
            if (item.Data is not { } data)
            {
                _keepAlives++;
            }
            else if (data.AsSpan().Trim(" \t"u8).SequenceEqual("[DONE]"u8))
            {
                return reply.Began ? Whole() : failures.Garbage("with a stream that holds no answer");
            }
            else if (Add(data) is { } failure)
            {
                return failure;
            }

            Report();
            if (reply.ReasoningChars + reply.ContentChars > MaxChars)
            {
                return failures.Garbage("with more text than any answer has");
            }
        }

        return reply.Finished ? Whole() : failures.CutOff(reply.Began);
    }

    public async Task<ModelOutcome> ReadJsonAsync(Stream body, CancellationToken cancellationToken)
    {
        if (await BoundedBody.ReadAsync(body, MaxBody, clock, cancellationToken) is not { } bytes)
        {
            return failures.Garbage("with more text than any answer has");
        }

        // Empty lines before the body are keep-alives, and JSON ignores them. A body of nothing else is a call that never started.
        if (JsonText.IsCut(bytes))
        {
            return failures.CutOff(began: !JsonText.IsBlank(bytes));
        }

        var failure = Add(bytes);
        Report();
        return failure ?? (reply.Began ? Whole() : failures.Garbage("with JSON that holds no answer"));
    }

    /// <summary>The outcome of an answer whose end the server has announced, whatever became of the connection.</summary>
    public ModelOutcome Whole() => reply.RawFinish switch
    {
        "insufficient_system_resource" => failures.Overloaded(),
        "aborted" => failures.Aborted(),
        _ => reply.ToReply(),
    };

    private ModelOutcome.Failure? Add(ReadOnlyMemory<byte> json)
    {
        trace(json);
        try
        {
            if (JsonSerializer.Deserialize<ChatChunk>(json.Span, ChatChunk.Json) is not { } chunk)
            {
                return failures.Garbage("with JSON that holds no answer");
            }

            if (chunk.IsError)
            {
                return failures.InBand(chunk.Error, reply.Began);
            }

            reply.Add(chunk);
            return null;
        }
        catch (JsonException)
        {
            return failures.Garbage("with something that is not the protocol's JSON");
        }
    }

    private void Report() => progress.Report(new ModelProgress(reply.ReasoningChars, reply.ContentChars, _keepAlives));
}
