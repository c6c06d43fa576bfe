namespace V4Agents.Postgres.Local;

/// <summary>
/// Locks that the kernel releases when a process dies. Starting and stopping happen one process at a time; every user of the cluster holds a
/// shared lock, so the last one to leave knows that it is the last.
/// </summary>
internal sealed class ClusterLocks(string directory)
{
    public const string StartName = "start.lock";
    public const string UsersName = "users.lock";

    private static readonly TimeSpan RetryInterval = TimeSpan.FromMilliseconds(20);

    /// <summary>Exclusive while a process starts or stops the server.</summary>
    public async Task<IDisposable> EnterAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            if (TryOpen(StartName, FileAccess.ReadWrite, FileShare.None) is { } held)
            {
                return held;
            }

            await Task.Delay(RetryInterval, cancellationToken);
        }
    }

    /// <summary>Caller is inside <see cref="EnterAsync"/>.</summary>
    public IDisposable Use() =>
        TryOpen(UsersName, FileAccess.Read, FileShare.Read) ?? throw new InvalidOperationException("The users' lock is exclusive only inside the start lock.");

    /// <summary>Whether nobody uses the cluster. Caller is inside <see cref="EnterAsync"/>.</summary>
    public bool IsUnused()
    {
        using var exclusive = TryOpen(UsersName, FileAccess.ReadWrite, FileShare.None);
        return exclusive is not null;
    }

    private FileStream? TryOpen(string name, FileAccess access, FileShare share)
    {
        try
        {
            return new FileStream(Path.Combine(directory, name), FileMode.OpenOrCreate, access, share);
        }
        catch (IOException e) when (e is not (FileNotFoundException or DirectoryNotFoundException or PathTooLongException))
        {
            // Held by another process.
            return null;
        }
    }
}
