using V4Agents.Core.Blobs;
using V4Agents.Core.Journal;

namespace V4Agents.Grains.Execution;

/// <summary>Blobs for effects: what an effect brought back cannot be had twice, so a database that is away is waited for.</summary>
internal sealed class PatientBlobs(IBlobStore blobs, TimeProvider clock) : IBlobStore
{
    public Task<BlobId> PutAsync(ReadOnlyMemory<byte> content, CancellationToken cancellationToken) =>
        WaitedForAsync(() => blobs.PutAsync(content, cancellationToken), cancellationToken);

    public Task<ReadOnlyMemory<byte>> GetAsync(BlobId id, CancellationToken cancellationToken) =>
        WaitedForAsync(() => blobs.GetAsync(id, cancellationToken), cancellationToken);

    private async Task<T> WaitedForAsync<T>(Func<Task<T>> ask, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await ask();
            }
            catch (JournalException e) when (e.IsTransient)
            {
                await Task.Delay(DatabasePause.After(attempt), clock, cancellationToken);
            }
        }
    }
}
