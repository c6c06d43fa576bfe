namespace V4Agents.Service.Hosting;

/// <summary>Held by the one service of a data directory; the kernel lets go of it however the process ends.</summary>
internal sealed class HomeLock : IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    private readonly FileStream _file;

    private HomeLock(FileStream file) => _file = file;

    /// <summary>Null when another process still holds it after <paramref name="patience"/>.</summary>
    public static async Task<HomeLock?> TakeAsync(string home, TimeSpan patience, TimeProvider clock, CancellationToken cancellationToken)
    {
        var started = clock.GetTimestamp();
        while (true)
        {
            if (TryOpen(home) is { } file)
            {
                return new HomeLock(file);
            }

            if (clock.GetElapsedTime(started) >= patience)
            {
                return null;
            }

            await Task.Delay(Pause, clock, cancellationToken);
        }
    }

    public static bool IsHeld(string home)
    {
        if (!File.Exists(PathIn(home)))
        {
            return false;
        }

        using var file = TryOpen(home);
        return file is null;
    }

    public void Dispose() => _file.Dispose();

    private static string PathIn(string home) => Path.Combine(home, "service.lock");

    private static FileStream? TryOpen(string home)
    {
        try
        {
            return new FileStream(PathIn(home), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 1);
        }
        catch (IOException e) when (e is not (DirectoryNotFoundException or FileNotFoundException or PathTooLongException))
        {
            // Sharing violation: somebody holds it.
            return null;
        }
    }
}
