using System.Buffers.Binary;
using System.Text.Json;

namespace V4Agents.Sandboxes.Calls.Protocol;

/// <summary>A frame on the wire: a version byte, the lengths of header and payload (big-endian), the header as JSON, the payload as it is.</summary>
internal static class FrameCodec
{
    public const byte Version = 1;
    public const int MaxHeader = 1 << 20;
    public const int MaxPayload = 80 << 20;
    private const int PrefixLength = 9;
    private const int Piece = 1 << 20;

    public static async Task WriteAsync(Stream stream, Message message, ReadOnlyMemory<byte> payload, CancellationToken cancellationToken)
    {
        var header = JsonSerializer.SerializeToUtf8Bytes(message, ProtocolJson.Default.Message);
        if (header.Length > MaxHeader || payload.Length > MaxPayload)
        {
            throw new InvalidDataException($"A message of {header.Length + (long)payload.Length} bytes is too large to send.");
        }

        // Small frames leave in one write: each write is a system call, and here also a hop through the container engine.
        var whole = payload.Length <= 64 * 1024;
        var start = new byte[PrefixLength + header.Length + (whole ? payload.Length : 0)];
        start[0] = Version;
        BinaryPrimitives.WriteInt32BigEndian(start.AsSpan(1), header.Length);
        BinaryPrimitives.WriteInt32BigEndian(start.AsSpan(5), payload.Length);
        header.CopyTo(start, PrefixLength);
        if (whole)
        {
            payload.Span.CopyTo(start.AsSpan(PrefixLength + header.Length));
        }

        await stream.WriteAsync(start, cancellationToken);
        if (!whole)
        {
            await stream.WriteAsync(payload, cancellationToken);
        }

        await stream.FlushAsync(cancellationToken);
    }

    /// <param name="heard">Called whenever something has arrived, so that a large frame on its way is not taken for silence.</param>
    /// <returns>Null at a clean end of the stream.</returns>
    /// <exception cref="InvalidDataException">The other side speaks another version, or not this protocol at all.</exception>
    public static async Task<Frame?> ReadAsync(Stream stream, CancellationToken cancellationToken, Action? heard = null)
    {
        var prefix = new byte[PrefixLength];
        var read = await stream.ReadAtLeastAsync(prefix, PrefixLength, throwOnEndOfStream: false, cancellationToken);
        if (read == 0)
        {
            return null;
        }

        if (read < PrefixLength)
        {
            throw new EndOfStreamException("The stream ended inside a frame.");
        }

        var headerLength = BinaryPrimitives.ReadInt32BigEndian(prefix.AsSpan(1));
        var payloadLength = BinaryPrimitives.ReadInt32BigEndian(prefix.AsSpan(5));
        if (prefix[0] != Version || headerLength is <= 0 or > MaxHeader || payloadLength is < 0 or > MaxPayload)
        {
            throw new InvalidDataException($"Not a frame of protocol version {Version}.");
        }

        var header = new byte[headerLength];
        await stream.ReadExactlyAsync(header, cancellationToken);
        var payload = payloadLength == 0 ? [] : new byte[payloadLength];
        for (var done = 0; done < payload.Length;)
        {
            heard?.Invoke();
            var part = payload.AsMemory(done, Math.Min(payload.Length - done, Piece));
            await stream.ReadExactlyAsync(part, cancellationToken);
            done += part.Length;
        }

        heard?.Invoke();
        try
        {
            var message = JsonSerializer.Deserialize(header, ProtocolJson.Default.Message)
                ?? throw new InvalidDataException("A frame without a message.");
            return new Frame(message, payload, PrefixLength + headerLength + payloadLength);
        }
        catch (JsonException e)
        {
            throw new InvalidDataException("A frame with a header that is not a known message.", e);
        }
    }
}
