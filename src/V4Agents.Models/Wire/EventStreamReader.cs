using System.IO.Pipelines;
using System.Runtime.CompilerServices;

namespace V4Agents.Models.Wire;

/// <summary>
/// Server-sent events as the model APIs use them. Comments are passed on, because they are the only sign of life during a long wait; the
/// framework's own parser swallows them. Event names, ids and retry hints are of no use here.
/// </summary>
internal static class EventStreamReader
{
    /// <summary>One event or comment. <see cref="Data"/> is null for a comment.</summary>
    internal readonly record struct Item(byte[]? Data);

    /// <summary>A longer line is no stream of ours: no frame carries more than a whole answer.</summary>
    private const int MaxLine = 32 * 1024 * 1024;

    /// <exception cref="IOException">The connection broke.</exception>
    /// <exception cref="InvalidDataException">A line is longer than any frame can be.</exception>
    public static async IAsyncEnumerable<Item> ReadAsync(
        Stream body, CallClock clock, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var pipe = PipeReader.Create(body, new StreamPipeReaderOptions(leaveOpen: true));
        var lines = new EventLines();
        try
        {
            while (true)
            {
                var read = await pipe.ReadAsync(cancellationToken);
                clock.Touch();
                var rest = read.Buffer;
                while (lines.TryTake(ref rest, out var item))
                {
                    if (item is { } found)
                    {
                        yield return found;
                    }
                }

                if (rest.Length > MaxLine)
                {
                    throw new InvalidDataException("A line of the event stream has no end.");
                }

                pipe.AdvanceTo(rest.Start, rest.End);
                if (read.IsCompleted)
                {
                    break;
                }
            }
        }
        finally
        {
            await pipe.CompleteAsync();
        }

        // A line without its end is a cut and is dropped; an event without its closing blank line is whole.
        if (lines.Flush() is { } last)
        {
            yield return last;
        }
    }
}
