using System.Collections.Concurrent;
using System.Diagnostics;

namespace V4Agents.Runner;

/// <summary>Programs that the runner needs for itself; a stop of the task leaves them alone.</summary>
internal static class OwnProcesses
{
    /// <summary>Long for what they do. What takes longer waits for something that will not come.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(3);

    private static readonly ConcurrentDictionary<int, byte> Ids = new();

    public static Process Start(ProcessStartInfo start)
    {
        var process = Process.Start(start) ?? throw new RequestException($"{start.FileName} could not be started.");
        Ids[process.Id] = 0;
        return process;
    }

    /// <returns>The exit code.</returns>
    public static async Task<int> RunAsync(string program, params IEnumerable<string> arguments) =>
        (await CompleteAsync(Anywhere(program, arguments), default)).Exit;

    /// <summary>Runs the program on as many arguments, each ended by a zero byte, as it takes at a time.</summary>
    public static Task OnEachAsync(ReadOnlyMemory<byte> last, params IEnumerable<string> command) =>
        CompleteAsync(Anywhere("xargs", ["-0", "-r", .. command]), last);

    public static async Task<byte[]> ReadAsync(string program, params IEnumerable<string> arguments) =>
        (await CompleteAsync(Anywhere(program, arguments), default)).Output;

    /// <exception cref="RequestException">It did not end in time and was killed.</exception>
    public static async Task<(int Exit, byte[] Output, string Errors)> CompleteAsync(ProcessStartInfo start, ReadOnlyMemory<byte> input)
    {
        start.RedirectStandardInput = true;
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        using var process = Start(start);
        using var limit = LimitOf(process);
        try
        {
            var errors = process.StandardError.ReadToEndAsync();
            var output = new MemoryStream();
            var copying = process.StandardOutput.BaseStream.CopyToAsync(output);
            try
            {
                await process.StandardInput.BaseStream.WriteAsync(input);
                process.StandardInput.Close();
            }
            catch (IOException)
            {
                // It ended without reading everything; what it said is the reason.
            }

            await copying;
            await process.WaitForExitAsync();
            ThrowIfKilled(start, limit.Token);
            return (process.ExitCode, output.ToArray(), await errors);
        }
        finally
        {
            End(process);
        }
    }

    /// <summary>Kills it when the time is over, unless disposed before.</summary>
    public static CancellationTokenSource LimitOf(Process process)
    {
        var limit = new CancellationTokenSource(Limit);
        limit.Token.Register(() =>
        {
            try
            {
                process.Kill(entireProcessTree: true);
            }
            catch (Exception e) when (e is InvalidOperationException or System.ComponentModel.Win32Exception or AggregateException)
            {
                // It ended at that moment.
                _ = e;
            }
        });
        return limit;
    }

    private static void ThrowIfKilled(ProcessStartInfo start, CancellationToken limit)
    {
        if (limit.IsCancellationRequested)
        {
            throw new RequestException(
                $"{start.FileName} did not end within {Limit.TotalSeconds} seconds and was killed. Probably something in {Layout.WorkTree} keeps it waiting: "
                + "a named pipe in the place of a file that git reads, or a repository inside that leads to one (find . -name '.git*'). Remove it.");
        }
    }

    // Not in the work tree: it may be closed.
    private static ProcessStartInfo Anywhere(string program, IEnumerable<string> arguments) => new(program, arguments) { WorkingDirectory = "/" };

    /// <summary>The process is gone, and its number may become another's.</summary>
    public static void End(Process process) => Ids.TryRemove(process.Id, out _);

    public static bool Contains(int process) => Ids.ContainsKey(process);
}
