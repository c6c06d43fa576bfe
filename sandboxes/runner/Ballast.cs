namespace V4Agents.Runner;

/// <summary>
/// Disk space kept back for the runner's own records: on a full disk a piece of it is let go, so that a call can still be claimed (the one that
/// deletes files, for example) and its result stored.
/// </summary>
internal static class Ballast
{
    private const int Pieces = 8;
    private const int PieceBytes = 2 << 20;
    private const long Comfortable = 64L << 20;
    private const int NoSpace = 28;
    private const int NoQuota = 122;
    private static readonly Lock Gate = new();

    public static bool IsFull(IOException e) => e.HResult is NoSpace or NoQuota;

    /// <summary>Takes the space (again) when there is plenty.</summary>
    public static void Fill()
    {
        lock (Gate)
        {
            try
            {
                var missing = Enumerable.Range(0, Pieces).Select(PathOf).Where(path => !File.Exists(path)).ToList();
                if (missing.Count == 0 || new DriveInfo(Layout.Ballast).AvailableFreeSpace < Comfortable)
                {
                    return;
                }

                foreach (var path in missing)
                {
                    new FileStream(path, new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, PreallocationSize = PieceBytes }).Dispose();
                }
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // There is no space to keep back now; the next call tries again.
                _ = e;
            }
        }
    }

    /// <summary>Does it, on a full disk after letting go of one piece after the other.</summary>
    /// <exception cref="IOException">The disk is full and there is nothing left to let go.</exception>
    public static void Spend(Action write)
    {
        while (true)
        {
            try
            {
                write();
                return;
            }
            catch (IOException e) when (IsFull(e) && Release())
            {
                // Once more, with the space.
                continue;
            }
        }
    }

    private static bool Release()
    {
        lock (Gate)
        {
            if (Enumerable.Range(0, Pieces).Select(PathOf).FirstOrDefault(File.Exists) is not { } path)
            {
                return false;
            }

            File.Delete(path);
            return true;
        }
    }

    private static string PathOf(int piece) => Path.Combine(Layout.Ballast, piece.ToString());
}
