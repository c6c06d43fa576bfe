using V4Agents.Core.Blobs;

namespace V4Agents.Postgres.Blobs;

/// <summary>The stored bytes are not those the address names: damage in the database, not something to retry.</summary>
public sealed class BlobDamagedException(BlobId id, Exception? inner = null)
    : Exception($"Blob {id} is damaged: its stored bytes do not have that SHA-256. Restore the database from a backup.", inner)
{
    public BlobId Id { get; } = id;
}
