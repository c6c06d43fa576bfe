using System.Diagnostics;
using System.Text;

namespace V4Agents.Runner;

/// <summary>A regular expression over the work tree by ripgrep, sorted by path, bounded in matches and in width.</summary>
internal static class SearchTool
{
    private const int DefaultResults = 200;
    private const string Width = "400";

    public static async Task<ToolResult> RunAsync(ToolArguments arguments, TimeSpan timeout, BoundedOutput output, CancellationToken stop)
    {
        var most = arguments.OptionalNumber("max_results", 1) ?? DefaultResults;
        var start = new ProcessStartInfo("rg") { WorkingDirectory = Layout.WorkTree, RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        foreach (var argument in (string[])["--no-config", "--line-number", "--no-heading", "--with-filename", "--color=never", "--sort=path", "--hidden",
            "--max-columns", Width, "--max-columns-preview", "--glob=!.git"])
        {
            start.ArgumentList.Add(argument);
        }

        if (arguments.OptionalLine("glob") is { Length: > 0 } glob)
        {
            start.ArgumentList.Add("--glob=" + glob);
        }

        foreach (var argument in (string[])["--regexp", arguments.Line("pattern"), "--", arguments.OptionalLine("path") is { Length: > 0 } path ? path : "./"])
        {
            start.ArgumentList.Add(argument);
        }

        CleanEnvironment.Apply(start);
        start.StandardOutputEncoding = start.StandardErrorEncoding = Encoding.Latin1;
        using var process = Process.Start(start) ?? throw new ToolException("ripgrep could not be started.");
        process.StandardInput.Close();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
        limit.CancelAfter(timeout);
        var errors = process.StandardError.ReadToEndAsync(CancellationToken.None);
        var found = 0;
        try
        {
            while (await process.StandardOutput.ReadLineAsync(limit.Token) is { } line)
            {
                if (found++ == most)
                {
                    output.Write($"[more than {most} matches; narrow the pattern, the path or the glob]\n");
                    process.Kill();
                    return new ToolResult(0);
                }

                // Latin-1 both ways: bytes that are not UTF-8 come through as they are.
                output.Write(Encoding.Latin1.GetBytes((line.StartsWith("./", StringComparison.Ordinal) ? line[2..] : line) + "\n"));
            }

            await process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            return stop.IsCancellationRequested ? ToolResult.StoppedFromOutside : ToolResult.OutOfTime;
        }

        if (stop.IsCancellationRequested && process.ExitCode == ToolResult.StoppedFromOutside.ExitCode)
        {
            return ToolResult.StoppedFromOutside;
        }

        if (process.ExitCode > 1)
        {
            output.Write(Encoding.Latin1.GetBytes(await errors));
            return new ToolResult(found > 0 ? 0 : 1);
        }

        output.Write(found == 0 ? "No matches.\n" : "");
        return new ToolResult(0);
    }
}
