using System.Diagnostics;

namespace V4Agents.Runner;

/// <summary>One shell command in a session of its own. It is over when the shell exits, whoever still holds its output.</summary>
internal static class BashTool
{
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(2);

    // One pipe for both outputs keeps their order. The command is the first thing the kernel takes when memory runs out, not the runner.
    private const string Launch = "exec </dev/null 2>&1; echo 1000 >/proc/self/oom_score_adj; exec bash -c \"$1\"";

    public static async Task<ToolResult> RunAsync(ToolArguments arguments, TimeSpan timeout, BoundedOutput output, CancellationToken stop)
    {
        var start = new ProcessStartInfo("setsid") { WorkingDirectory = Layout.WorkTree, RedirectStandardInput = true, RedirectStandardOutput = true };
        foreach (var argument in (string[])["sh", "-c", Launch, "sh", arguments.Line("command")])
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
        if (stop.IsCancellationRequested)
        {
            // Begun too late for the sweep to see it; what it sees, it kills and counts.
            KillGroup(process.Id, Posix.Kill);
        }

        var reading = Task.Factory.StartNew(
            () => Copy(process.StandardOutput.BaseStream, output), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        var exited = process.WaitForExitAsync();
        var timedOut = await Task.WhenAny(exited, Task.Delay(timeout)) != exited;
        if (timedOut)
        {
            KillGroup(process.Id, Posix.Terminate);
            if (await Task.WhenAny(exited, Task.Delay(Grace)) != exited)
            {
                KillGroup(process.Id, Posix.Kill);
            }
        }

        await exited;

        // What the command left in the background ends with it; then the pipe has no writer left but one that made itself a daemon.
        KillGroup(process.Id, Posix.Kill);
        await Task.WhenAny(reading, Task.Delay(TimeSpan.FromMilliseconds(500)));
        return stop.IsCancellationRequested && process.ExitCode == ToolResult.StoppedFromOutside.ExitCode
            ? ToolResult.StoppedFromOutside
            : new ToolResult(process.ExitCode, timedOut);
    }

    // Also the process itself: for a moment after its start it leads no group yet.
    private static void KillGroup(int leader, int signal)
    {
        Posix.Signal(-leader, signal);
        Posix.Signal(leader, signal);
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
}
