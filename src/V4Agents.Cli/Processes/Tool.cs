using System.ComponentModel;
using System.Diagnostics;

namespace V4Agents.Cli.Processes;

/// <summary>A program of the user's machine, run to its end.</summary>
internal static class Tool
{
    /// <exception cref="IOException">The program is not installed.</exception>
    public static async Task<ToolResult> RunAsync(IReadOnlyList<string> command, byte[]? input, CancellationToken cancellationToken)
    {
        using var process = Start(command);
        var output = process.StandardOutput.ReadToEndAsync(cancellationToken);
        var error = process.StandardError.ReadToEndAsync(cancellationToken);
        try
        {
            await process.StandardInput.BaseStream.WriteAsync(input ?? [], cancellationToken);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It ended without reading everything; its exit code says why.
        }

        await process.WaitForExitAsync(cancellationToken);
        return new ToolResult(process.ExitCode, await output, await error);
    }

    private static Process Start(IReadOnlyList<string> command)
    {
        try
        {
            return Process.Start(new ProcessStartInfo(command[0], command.Skip(1))
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!; // Start returns null only with UseShellExecute.
        }
        catch (Win32Exception e)
        {
            throw new IOException($"'{command[0]}' cannot be run: {e.Message}. Install it, or put it on PATH.", e);
        }
    }
}
