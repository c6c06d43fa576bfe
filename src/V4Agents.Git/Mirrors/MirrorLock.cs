using System.Collections.Concurrent;

namespace V4Agents.Git.Mirrors;

/// <summary>The right to change one mirror, among the tasks of this process and among all processes that share the directory.</summary>
internal sealed class MirrorLock : IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);
    private static readonly ConcurrentDictionary<string, SemaphoreSlim> Gates = new(StringComparer.Ordinal);

    private readonly SemaphoreSlim _gate;
    private readonly FileStream _file;

    private MirrorLock(SemaphoreSlim gate, FileStream file) => (_gate, _file) = (gate, file);

    public static async Task<MirrorLock> TakeAsync(string path, TimeProvider time, CancellationToken cancellationToken)
    {
        var gate = Gates.GetOrAdd(path, _ => new SemaphoreSlim(1, 1));
        await gate.WaitAsync(cancellationToken);
        try
        {
            while (true)
            {
                if (TryOpen(path) is { } file)
                {
                    return new MirrorLock(gate, file);
                }

                // Another process holds it. The system gives no signal for that lock, and drops it when its owner dies.
                await Task.Delay(Pause, time, cancellationToken);
            }
        }
        catch
        {
            gate.Release();
            throw;
        }
    }

    /// <summary>The file stays: removing it would let two processes lock two different files of one name.</summary>
    public void Dispose()
    {
        _file.Dispose();
        _gate.Release();
    }

    private static FileStream? TryOpen(string path)
    {
        try
        {
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException) when (File.Exists(path))
        {
            return null;
        }
    }
}
