using System.Security.Cryptography;

namespace V4Agents.Core.Blobs;

/// <summary>The address of stored bytes: the lower-case hexadecimal SHA-256 of their uncompressed content.</summary>
public readonly record struct BlobId(string Value)
{
    public static BlobId Of(ReadOnlySpan<byte> content) => new(Convert.ToHexStringLower(SHA256.HashData(content)));

    public override string ToString() => Value;
}
