using System.Text;

namespace V4Agents.Runner;

/// <summary>Where a passage that was not found was probably meant to be.</summary>
internal static class NearestLine
{
    public static string Hint(byte[] original, string wanted)
    {
        var target = wanted.Split('\n').Select(l => l.Trim()).FirstOrDefault(l => l.Length > 0);
        if (target is null)
        {
            return "";
        }

        var lines = Encoding.UTF8.GetString(TextSplice.WithoutBom(original)).Split('\n');
        var best = lines.Select((line, index) => (Line: line.Trim(), Number: index + 1, Score: Likeness(line.Trim(), target))).MaxBy(l => l.Score);
        if (best.Line is null || best.Score < target.Length / 2)
        {
            return " No line is like its first one; view the file.";
        }

        var shown = best.Line.Length > 200 ? best.Line[..200] + "..." : best.Line;
        return best.Line == target
            ? $" Line {best.Number} has its first line, so the white space or a later line differs: {shown}"
            : $" The line most like its first one is line {best.Number}: {shown}";
    }

    /// <summary>Characters in common at the start and at the end.</summary>
    private static int Likeness(string a, string b)
    {
        var most = Math.Min(a.Length, b.Length);
        var start = 0;
        while (start < most && a[start] == b[start])
        {
            start++;
        }

        var end = 0;
        while (end < most - start && a[^(end + 1)] == b[^(end + 1)])
        {
            end++;
        }

        return start + end;
    }
}
