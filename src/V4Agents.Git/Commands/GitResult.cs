using System.Text;

namespace V4Agents.Git.Commands;

/// <summary>How one run of the git program ended. Timed out and too long are kept apart from the exit code.</summary>
internal sealed record GitResult(int ExitCode, byte[] Output, string Errors, bool TimedOut, bool TooLong)
{
    public bool Succeeded => ExitCode == 0 && !TimedOut && !TooLong;

    public string Text => Encoding.UTF8.GetString(Output);

    /// <summary>The first line of what git says went wrong, without its prefix.</summary>
    public string Reason
    {
        get
        {
            var lines = Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
            var line = lines.FirstOrDefault(l => l.StartsWith("fatal: ", StringComparison.Ordinal) && !l.Contains("Could not read from remote"))
                ?? lines.FirstOrDefault(l => !l.StartsWith("warning: ", StringComparison.Ordinal))
                ?? $"git ended with exit code {ExitCode}";
            return line.StartsWith("fatal: ", StringComparison.Ordinal) ? line["fatal: ".Length..] : line;
        }
    }
}
