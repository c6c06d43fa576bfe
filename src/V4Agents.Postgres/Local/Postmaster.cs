namespace V4Agents.Postgres.Local;

/// <summary>A live server process of a data directory, as its lock file describes it.</summary>
internal sealed record Postmaster(int Pid, int Port, string SocketDirectory, bool IsReady)
{
    /// <summary>Above every process id that the kernel hands out.</summary>
    private const string NobodysPid = "2147483647";

    /// <summary>Null when no server runs, whatever a stale lock file says: a process id may by now be anybody's.</summary>
    public static Postmaster? Find(string dataDirectory)
    {
        string[] lines;
        try
        {
            lines = File.ReadAllLines(LockFile(dataDirectory));
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }

        if (lines.Length == 0 || !int.TryParse(lines[0], out var pid) || !Owns(pid, lines))
        {
            return null;
        }

        // A server that is still starting has not written the later lines.
        var port = lines.Length > 3 && int.TryParse(lines[3], out var number) ? number : 0;
        var socket = lines.Length > 4 ? lines[4].Trim() : "";
        return new Postmaster(pid, port, socket, lines.Length > 7 && lines[7].Trim() == "ready" && port > 0 && socket.Length > 0);
    }

    /// <summary>
    /// Makes the server see a stale lock file for what it is. When the process id in it now belongs to some other process, the server would take
    /// that one for a server and refuse to start. The other lines stay: from them the server learns whether orphaned sessions still use its memory.
    /// Caller holds the start lock and has seen that no server runs.
    /// </summary>
    public static void DisarmStaleLock(string dataDirectory)
    {
        var file = LockFile(dataDirectory);
        if (File.Exists(file) && File.ReadAllLines(file) is [var pid, .. var rest] && Directory.Exists($"/proc/{pid}"))
        {
            File.WriteAllLines(file, [NobodysPid, .. rest]);
        }
    }

    /// <summary>A process that has ended but was not collected by its parent has no working directory any more.</summary>
    public static bool IsAlive(int pid) => Directory.Exists($"/proc/{pid}/cwd/.");

    private static string LockFile(string dataDirectory) => Path.Combine(dataDirectory, "postmaster.pid");

    /// <summary>A server works in its data directory, so through its working directory the same lock file (process id, data directory) is seen.</summary>
    private static bool Owns(int pid, string[] lines)
    {
        try
        {
            return File.ReadAllLines($"/proc/{pid}/cwd/postmaster.pid").Take(2).SequenceEqual(lines.Take(2));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // No such process, or not a server, or one of another user: not ours.
            return false;
        }
    }
}
