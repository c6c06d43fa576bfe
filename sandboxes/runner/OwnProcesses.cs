using System.Collections.Concurrent;
using System.Diagnostics;

namespace V4Agents.Runner;

/// <summary>Programs that the runner needs for itself; a stop of the task leaves them alone.</summary>
internal static class OwnProcesses
{
    private static readonly ConcurrentDictionary<int, byte> Ids = new();

    public static Process Start(ProcessStartInfo start)
    {
        var process = Process.Start(start) ?? throw new RequestException($"{start.FileName} could not be started.");
        Ids[process.Id] = 0;
        return process;
    }

    /// <returns>The exit code.</returns>
    public static async Task<int> RunAsync(string program, params IEnumerable<string> arguments)
    {
        using var process = Start(new ProcessStartInfo(program, arguments));
        await process.WaitForExitAsync();
        End(process);
        return process.ExitCode;
    }

    /// <summary>The process is gone, and its number may become another's.</summary>
    public static void End(Process process) => Ids.TryRemove(process.Id, out _);

    public static bool Contains(int process) => Ids.ContainsKey(process);
}
