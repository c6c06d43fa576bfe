using System.IO.Compression;

namespace V4Agents.Postgres.Blobs;

/// <summary>How a blob's bytes are stored: Brotli, or as they are when that is not smaller.</summary>
internal static class BlobEncoding
{
    private const string Raw = "raw";
    private const string Brotli = "brotli";

    /// <summary>Compresses text about as well as gzip does at its best, several times faster.</summary>
    private const int Quality = 4;

    private const int WindowBits = 22;

    public static (string Encoding, ReadOnlyMemory<byte> Bytes) Encode(ReadOnlyMemory<byte> content)
    {
        // One byte less than the content: what does not fit is not smaller.
        var compressed = new byte[Math.Max(0, content.Length - 1)];
        return BrotliEncoder.TryCompress(content.Span, compressed, out var written, Quality, WindowBits)
            ? (Brotli, compressed.AsMemory(0, written))
            : (Raw, content);
    }

    /// <exception cref="InvalidDataException">The bytes do not decode to <paramref name="size"/> bytes.</exception>
    public static byte[] Decode(string encoding, byte[] stored, long size)
    {
        switch (encoding)
        {
            case Raw:
                return stored;

            case Brotli:
                var content = new byte[size];
                return BrotliDecoder.TryDecompress(stored, content, out var written) && written == size
                    ? content
                    : throw new InvalidDataException($"The stored bytes do not decompress to {size} bytes.");

            default:
                throw new InvalidDataException($"The encoding '{encoding}' is unknown.");
        }
    }
}
