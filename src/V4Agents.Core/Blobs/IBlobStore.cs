namespace V4Agents.Core.Blobs;

/// <summary>Content-addressed bytes: messages, outputs, patches, reports. Putting the same bytes twice stores them once.</summary>
public interface IBlobStore
{
    /// <summary>Returns once the bytes are durable.</summary>
    Task<BlobId> PutAsync(ReadOnlyMemory<byte> content, CancellationToken cancellationToken);

    /// <exception cref="BlobNotFoundException">No bytes are stored under <paramref name="id"/>.</exception>
    Task<ReadOnlyMemory<byte>> GetAsync(BlobId id, CancellationToken cancellationToken);
}
