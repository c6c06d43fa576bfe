using System.Text;

namespace V4Agents.Core.Blobs;

/// <summary>Text as UTF-8 blobs.</summary>
public static class BlobStoreText
{
    public static Task<BlobId> PutTextAsync(this IBlobStore blobs, string text, CancellationToken cancellationToken) =>
        blobs.PutAsync(Encoding.UTF8.GetBytes(text), cancellationToken);

    public static async Task<string> GetTextAsync(this IBlobStore blobs, BlobId id, CancellationToken cancellationToken) =>
        Encoding.UTF8.GetString((await blobs.GetAsync(id, cancellationToken)).Span);
}
