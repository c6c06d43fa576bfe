using System.Diagnostics;
using System.Runtime.InteropServices;

namespace V4Agents.Runner;

/// <summary>One shell command in a session of its own. It is over when the shell exits, whoever still holds its output.</summary>
internal static partial class BashTool
{
    private const int Terminate = 15;
    private const int Kill = 9;
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(2);

    // One pipe for both outputs keeps their order. The command is the first thing the kernel takes when memory runs out, not the runner.
    private const string Launch = "exec </dev/null 2>&1; echo 1000 >/proc/self/oom_score_adj; exec bash -c \"$1\"";

    public static async Task<ToolResult> RunAsync(ToolArguments arguments, TimeSpan timeout, BoundedOutput output)
    {
        var start = new ProcessStartInfo("setsid") { WorkingDirectory = Layout.WorkTree, RedirectStandardInput = true, RedirectStandardOutput = true };
        foreach (var argument in (string[])["sh", "-c", Launch, "sh", arguments.Text("command")])
        {
            start.ArgumentList.Add(argument);
        }

        CleanEnvironment.Apply(start);
        foreach (var (name, value) in arguments.Map("env"))
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start) ?? throw new ToolException("bash could not be started.");
        process.StandardInput.Close();
        var reading = Task.Factory.StartNew(
            () => Copy(process.StandardOutput.BaseStream, output), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        var exited = process.WaitForExitAsync();
        var timedOut = await Task.WhenAny(exited, Task.Delay(timeout)) != exited;
        if (timedOut)
        {
            KillGroup(-process.Id, Terminate);
            if (await Task.WhenAny(exited, Task.Delay(Grace)) != exited)
            {
                KillGroup(-process.Id, Kill);
            }
        }

        await exited;

        // What the command left in the background ends with it; then the pipe has no writer left but one that made itself a daemon.
        KillGroup(-process.Id, Kill);
        await Task.WhenAny(reading, Task.Delay(TimeSpan.FromMilliseconds(500)));
        if (timedOut)
        {
            output.Write($"\n[timed out after {timeout.TotalSeconds:0.#} s; the command and everything it started was killed]\n");
        }

        return new ToolResult(process.ExitCode, timedOut);
    }

    private static void Copy(Stream from, BoundedOutput to)
    {
        var buffer = new byte[64 * 1024];
        try
        {
            for (int count; (count = from.Read(buffer)) > 0;)
            {
                to.Write(buffer.AsSpan(0, count));
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // The call is over and its pipe was closed under a daemon's output.
            _ = e;
        }
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int KillGroup(int pid, int signal);
}
