using System.Diagnostics;
using System.Security.Cryptography;

namespace V4Agents.Adapters.Tests.Postgres;

internal static class TestClusters
{
    /// <summary>Short enough for a socket, and not made yet: the cluster makes it with the right owner.</summary>
    public static string NewDirectory() => Path.Combine(Path.GetTempPath(), $"v4-pg-{RandomNumberGenerator.GetHexString(8, lowercase: true)}");

    public static int PidOf(string directory) => int.Parse(File.ReadLines(Path.Combine(directory, "data", "postmaster.pid")).First());

    public static void Signal(int pid, string signal)
    {
        using var kill = Process.Start("sh", ["-c", $"kill -s {signal} {pid}"]);
        kill.WaitForExit();
    }

    public static async Task KillAsync(int pid, CancellationToken cancellationToken)
    {
        using var process = Process.GetProcessById(pid);
        process.Kill();
        await process.WaitForExitAsync(cancellationToken);
    }
}
