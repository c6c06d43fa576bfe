using System.Buffers;
using System.IO.Pipelines;
using V4Agents.Core.Conversations;

namespace V4Agents.Models.Wire;

/// <summary>Reads the body of a good status as what it is, an event stream or one JSON text. Live and kept bodies go through here alike.</summary>
internal sealed class BodyReader(ModelOptions options, Failures failures)
{
    public async Task<ModelOutcome> ReadAsync(string? mediaType, Stream body, ReplyReader reader, CallClock clock)
    {
        switch (mediaType)
        {
            case "text/event-stream":
                return await reader.ReadStreamAsync(body, clock.Token);
            case "application/json":
                return await reader.ReadJsonAsync(body, clock.Token);
        }

        // A server that says nothing of use about its answer may give a good one: its first character tells what it is.
        var pipe = PipeReader.Create(body, new StreamPipeReaderOptions(leaveOpen: true));
        await using var rest = pipe.AsStream();
        var first = await FirstAsync(pipe, clock);
        return mediaType switch
        {
            _ when first == '{' => await reader.ReadJsonAsync(rest, clock.Token),
            null when options.Stream => await reader.ReadStreamAsync(rest, clock.Token),
            null => await reader.ReadJsonAsync(rest, clock.Token),
            var other => failures.Garbage($"with {other} instead of a reply"),
        };
    }

    /// <summary>The first byte that is not blank, which stays to be read; null when there is none.</summary>
    private static async Task<byte?> FirstAsync(PipeReader pipe, CallClock clock)
    {
        while (true)
        {
            var read = await pipe.ReadAsync(clock.Token);
            clock.Touch();
            var bytes = new SequenceReader<byte>(read.Buffer);
            bytes.AdvancePastAny(" \t\r\n"u8);
            byte? first = bytes.TryPeek(out var found) ? found : null;
            pipe.AdvanceTo(bytes.Position);
            if (first is not null || read.IsCompleted)
            {
                return first;
            }
        }
    }
}
