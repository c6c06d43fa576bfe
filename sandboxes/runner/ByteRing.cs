namespace V4Agents.Runner;

/// <summary>The last bytes of a stream, and how many there were.</summary>
internal sealed class ByteRing(int capacity)
{
    private byte[]? _bytes;

    public long Total { get; private set; }

    public void Write(ReadOnlySpan<byte> bytes)
    {
        Total += bytes.Length;
        if (bytes.Length > capacity)
        {
            bytes = bytes[^capacity..];
        }

        if (bytes.IsEmpty)
        {
            return;
        }

        _bytes ??= new byte[capacity];
        var at = (int)((Total - bytes.Length) % capacity);
        var first = Math.Min(bytes.Length, capacity - at);
        bytes[..first].CopyTo(_bytes.AsSpan(at));
        bytes[first..].CopyTo(_bytes);
    }

    public byte[] ToArray()
    {
        if (_bytes is null || Total <= capacity)
        {
            return _bytes is null ? [] : _bytes[..(int)Total];
        }

        var start = (int)(Total % capacity);
        return [.. _bytes.AsSpan(start), .. _bytes.AsSpan(0, start)];
    }
}
