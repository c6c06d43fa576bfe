using System.ComponentModel;
using System.Diagnostics;

namespace V4Agents.Git;

/// <summary>What a doctor asks about git.</summary>
public static class GitProbe
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);

    /// <summary>The version of the <c>git</c> program on the search path, such as <c>2.39.5</c>; null when there is none that answers.</summary>
    public static string? Version()
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo("git", ["--version"]) { RedirectStandardOutput = true, RedirectStandardError = true });
            if (process is null || !process.WaitForExit(Limit))
            {
                process?.Kill(entireProcessTree: true);
                return null;
            }

            var words = process.StandardOutput.ReadToEnd().Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
            return process.ExitCode == 0 && words is ["git", "version", var version, ..] ? version : null;
        }
        catch (Win32Exception)
        {
            // There is no such program.
            return null;
        }
    }
}
