using System.Globalization;
using System.Text;
using V4Agents.Core.Sandboxing;

namespace V4Agents.Core.Tools;

/// <summary>What the model sees of a call: the facts, then the output's head and tail with what was left out between them.</summary>
public static class ToolOutput
{
    private const int HeadChars = 8_000;
    private const int TailChars = 8_000;

    public static string ForModel(string tool, CallResult result)
    {
        var text = new StringBuilder();
        if (tool == ToolCatalog.Bash || result.ExitCode != 0)
        {
            text.Append(CultureInfo.InvariantCulture, $"exit code {result.ExitCode}");
            text.Append(result.TimedOut ? CultureInfo.InvariantCulture : null, $"{(result.TimedOut ? $" (killed: time limit reached after {result.Duration.TotalSeconds:0.#} s)" : "")}");
            text.Append('\n');
        }

        return text.Append(HeadAndTail(Encoding.UTF8.GetString(result.Output.Span), result.OutputPath)).ToString();
    }

    public static string HeadAndTail(string output, string? whole)
    {
        if (output.Length <= HeadChars + TailChars)
        {
            return output;
        }

        var head = LineStart(output, HeadChars, back: true);
        var tail = LineStart(output, output.Length - TailChars, back: false);
        var lines = output.AsSpan(head, tail - head).Count('\n');
        var where = whole is null ? "" : $"; the whole output is in {whole}";
        return $"{output.AsSpan(0, head)}[... {lines} lines, {tail - head} characters left out{where} ...]\n{output.AsSpan(tail)}";
    }

    /// <summary>The nearest line start within reach of <paramref name="at"/>, or there itself (never inside a surrogate pair) when a line is very long.</summary>
    private static int LineStart(string text, int at, bool back)
    {
        const int Reach = 2_000;
        var line = back
            ? text.LastIndexOf('\n', at - 1, Reach)
            : text.IndexOf('\n', at, Math.Min(Reach, text.Length - at));
        return line >= 0 ? line + 1 : char.IsLowSurrogate(text[at]) ? at + 1 : at;
    }
}
