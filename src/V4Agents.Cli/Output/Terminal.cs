using Spectre.Console;

namespace V4Agents.Cli.Output;

/// <summary>Standard output: coloured and alive in a terminal, plain unwrapped lines when piped.</summary>
internal sealed class Terminal(TextWriter writer, IAnsiConsole? console)
{
    private bool _status;

    public TextWriter Writer { get; } = writer;

    public bool IsInteractive => console is not null;

    public static Terminal Standard() => new(
        Console.Out,
        Console.IsOutputRedirected || Environment.GetEnvironmentVariable("TERM") is "dumb" ? null : AnsiConsole.Console);

    public void Line(string text = "", string? style = null)
    {
        ClearStatus();
        if (console is null || style is null)
        {
            Writer.WriteLine(text);
            return;
        }

        console.Write(new Text(text, Style.Parse(style)));
        console.WriteLine();
    }

    /// <summary>Exact bytes, for a pipe.</summary>
    public async Task BytesAsync(byte[] bytes, CancellationToken cancellationToken)
    {
        await Writer.FlushAsync(cancellationToken);
        await using var output = Console.OpenStandardOutput();
        await output.WriteAsync(bytes, cancellationToken);
    }

    /// <summary>One line that the next replaces; nothing when piped.</summary>
    public void Status(string text)
    {
        if (console is not null)
        {
            ClearStatus();
            var width = Math.Max(20, console.Profile.Width) - 1;
            Writer.Write($"\e[2m{(text.Length <= width ? text : text[..width])}\e[0m");
            Writer.Flush();
            _status = true;
        }
    }

    public void ClearStatus()
    {
        if (_status)
        {
            Writer.Write("\r\e[2K");
            _status = false;
        }
    }
}
