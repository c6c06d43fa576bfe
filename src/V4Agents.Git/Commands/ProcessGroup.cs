using System.Diagnostics;
using System.Runtime.InteropServices;

namespace V4Agents.Git.Commands;

/// <summary>Starts a program as the leader of its own session, so that it has no terminal to ask on and dies with all its children.</summary>
internal static class ProcessGroup
{
    private const int SigTerm = 15;
    private const int SigKill = 9;

    private static readonly string? Setsid = OperatingSystem.IsLinux()
        ? new[] { "/usr/bin/setsid", "/bin/setsid" }.FirstOrDefault(File.Exists)
        : null;

    public static ProcessStartInfo Start(string program) =>
        Setsid is null ? new ProcessStartInfo(program) : new ProcessStartInfo(Setsid) { ArgumentList = { program } };

    /// <summary>Asks first: git removes its lock files when it is asked, and leaves them when it is killed.</summary>
    public static async Task EndAsync(Process process, TimeSpan grace, TimeProvider time)
    {
        if (Setsid is null)
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync(CancellationToken.None);
            return;
        }

        _ = Kill(-process.Id, SigTerm);
        using var patience = new CancellationTokenSource(grace, time);
        try
        {
            await process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            // It does not listen.
        }

        // Also after a polite end: a helper of git may still be there, and the group keeps its number until the last one is gone.
        _ = Kill(-process.Id, SigKill);
        await process.WaitForExitAsync(CancellationToken.None);
    }

    [DllImport("libc", EntryPoint = "kill")]
    private static extern int Kill(int process, int signal);
}
