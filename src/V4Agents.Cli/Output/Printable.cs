using System.Text;

namespace V4Agents.Cli.Output;

/// <summary>Text by strangers must not move the cursor or change the terminal.</summary>
internal static class Printable
{
    /// <summary>Without control characters other than line ends and tabs.</summary>
    public static string Text(string text) => Replace(text, c => c is '\n' or '\t');

    /// <summary>On one line, at most <paramref name="max"/> characters.</summary>
    public static string Line(string text, int max = 160)
    {
        var line = Replace(text.Replace("\r\n", "\n", StringComparison.Ordinal), _ => false).Trim();
        return line.Length <= max ? line : string.Concat(line.AsSpan(0, max - 1), "…");
    }

    private static string Replace(string text, Func<char, bool> keep)
    {
        if (!text.Any(c => IsHarmful(c) && !keep(c)))
        {
            return text;
        }

        var clean = new StringBuilder(text.Length);
        foreach (var c in text)
        {
            clean.Append(!IsHarmful(c) || keep(c) ? c : c is '\n' or '\t' ? ' ' : '\uFFFD');
        }

        return clean.ToString();
    }

    /// <summary>Control characters, and those that reorder what is read.</summary>
    private static bool IsHarmful(char c) => char.IsControl(c) || c is (>= '\u202A' and <= '\u202E') or (>= '\u2066' and <= '\u2069');
}
