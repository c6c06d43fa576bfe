using System.Buffers;

namespace V4Agents.Models.Wire;

/// <summary>Lines of an event stream to events: several data lines are one event, a blank line ends it.</summary>
internal sealed class EventLines
{
    private readonly ArrayBufferWriter<byte> _data = new();
    private bool _hasData;

    /// <summary>Takes one line off the buffer. True while there was a whole line; the item is null when the line completed nothing.</summary>
    public bool TryTake(ref ReadOnlySequence<byte> buffer, out EventStreamReader.Item? item)
    {
        item = null;
        if (buffer.PositionOf((byte)'\n') is not { } end)
        {
            return false;
        }

        item = Take(buffer.Slice(0, end).ToArray());
        buffer = buffer.Slice(buffer.GetPosition(1, end));
        return true;
    }

    public EventStreamReader.Item? Flush()
    {
        if (!_hasData)
        {
            return null;
        }

        var item = new EventStreamReader.Item(_data.WrittenSpan.ToArray());
        _data.ResetWrittenCount();
        _hasData = false;
        return item;
    }

    private EventStreamReader.Item? Take(ReadOnlySpan<byte> line)
    {
        line = line.TrimEnd((byte)'\r');
        if (line.StartsWith("\uFEFF"u8))
        {
            line = line[3..];
        }

        if (line.IsEmpty)
        {
            return Flush();
        }

        if (line[0] == ':')
        {
            return new EventStreamReader.Item(null);
        }

        if (line.StartsWith("data:"u8))
        {
            Append(line[5..]);
        }

        return null;
    }

    private void Append(ReadOnlySpan<byte> value)
    {
        if (_hasData)
        {
            _data.Write("\n"u8);
        }

        _data.Write(value is [(byte)' ', ..] ? value[1..] : value);
        _hasData = true;
    }
}
