namespace V4Agents.Core.Blobs;

/// <summary>The journal names bytes that the store does not hold: damage, not something to retry.</summary>
public sealed class BlobNotFoundException(BlobId id) : Exception($"Blob {id} is not stored.")
{
    public BlobId Id { get; } = id;
}
