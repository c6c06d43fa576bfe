using System.Text;

namespace V4Agents.Cli.Output;

internal static class DiffText
{
    /// <summary>Coloured in a terminal; the exact bytes when piped.</summary>
    public static async Task WriteAsync(Terminal terminal, byte[] diff, CancellationToken cancellationToken)
    {
        if (!terminal.IsInteractive)
        {
            await terminal.BytesAsync(diff, cancellationToken);
            return;
        }

        WriteLines(terminal, diff);
    }

    public static void WriteLines(Terminal terminal, byte[] diff)
    {
        foreach (var line in Encoding.UTF8.GetString(diff).TrimEnd('\n').Split('\n'))
        {
            terminal.Line(Printable.Text(line), StyleOf(line));
        }
    }

    private static string? StyleOf(string line) => line switch
    {
        _ when line.StartsWith("diff ", StringComparison.Ordinal) || line.StartsWith("+++", StringComparison.Ordinal)
            || line.StartsWith("---", StringComparison.Ordinal) => "bold",
        _ when line.StartsWith('+') => "green",
        _ when line.StartsWith('-') => "red",
        _ when line.StartsWith("@@", StringComparison.Ordinal) => "aqua",
        _ => null,
    };
}
