using System.Text;

namespace V4Agents.Runner;

/// <summary>
/// Finds and replaces text in raw bytes. Matching sees every line ending as LF; replacing touches only the matched bytes, so other
/// lines' endings, a byte order mark and bytes that are no UTF-8 stay as they are.
/// </summary>
internal static class TextSplice
{
    private static ReadOnlySpan<byte> Bom => [0xEF, 0xBB, 0xBF];

    /// <summary>A match as a range of the original bytes.</summary>
    internal readonly record struct Match(int Start, int End);

    public static ReadOnlySpan<byte> WithoutBom(ReadOnlySpan<byte> bytes) => bytes.StartsWith(Bom) ? bytes[Bom.Length..] : bytes;

    public static List<Match> Find(byte[] original, string wanted)
    {
        var needle = Normalised(Encoding.UTF8.GetBytes(wanted));
        var (text, offsets) = Mapped(original);
        var matches = new List<Match>();
        for (var from = 0; needle.Length > 0 && from <= text.Length;)
        {
            var at = text.AsSpan(from).IndexOf(needle);
            if (at < 0)
            {
                break;
            }

            matches.Add(new Match(offsets[from + at], offsets[from + at + needle.Length]));
            from += at + needle.Length;
        }

        return matches;
    }

    public static byte[] Apply(byte[] original, IReadOnlyList<Match> matches, string replacement)
    {
        var lines = Lines(Normalised(Encoding.UTF8.GetBytes(replacement)));
        var result = new MemoryStream(original.Length + 256);
        var done = 0;
        foreach (var match in matches)
        {
            result.Write(original.AsSpan(done, match.Start - done));
            WriteLines(result, lines, Endings(original, match, lines));
            done = match.End;
        }

        result.Write(original.AsSpan(done));
        return result.ToArray();
    }

    /// <summary>1 for the first line.</summary>
    public static int LineOf(ReadOnlySpan<byte> bytes, int offset) => bytes[..offset].Count((byte)'\n') + 1;

    /// <summary>New content with the byte order mark and the prevailing line ending of what it replaces.</summary>
    public static byte[] InTheStyleOf(ReadOnlySpan<byte> existing, byte[] content)
    {
        var crlf = existing.Count("\r\n"u8);
        var lines = Lines(crlf > existing.Count((byte)'\n') - crlf ? Normalised(content) : [.. WithoutBom(content)]);
        var ending = crlf > existing.Count((byte)'\n') - crlf;
        var result = new MemoryStream(content.Length + 16);
        if (existing.StartsWith(Bom) || content.AsSpan().StartsWith(Bom))
        {
            result.Write(Bom);
        }

        WriteLines(result, lines, Enumerable.Repeat(ending, lines.Count).ToArray());
        return result.ToArray();
    }

    /// <summary>For each line break of the replacement, whether it is CRLF: a line that stays keeps its own, a new one takes its neighbour's.</summary>
    private static bool[] Endings(byte[] original, Match match, List<byte[]> lines)
    {
        var old = Lines(original[match.Start..match.End]);
        var oldCrlf = old.Take(old.Count - 1).Select(l => l.AsSpan().EndsWith("\r"u8)).ToArray();
        var oldText = old.Select((l, i) => i < oldCrlf.Length && oldCrlf[i] ? l[..^1] : l).ToList();
        var endings = new bool[lines.Count - 1];
        if (oldCrlf.Length == 0)
        {
            Array.Fill(endings, NeighbourIsCrlf(original, match));
            return endings;
        }

        // Lines common to the end of both passages are counted from the end, all others from the start.
        var common = 0;
        while (common < Math.Min(oldText.Count, lines.Count) && oldText[^(common + 1)].AsSpan().SequenceEqual(lines[^(common + 1)]))
        {
            common++;
        }

        for (var i = 0; i < endings.Length; i++)
        {
            var fromEnd = lines.Count - i;
            var same = fromEnd <= common ? old.Count - fromEnd : Math.Min(i, oldCrlf.Length - 1);
            endings[i] = oldCrlf[Math.Clamp(same, 0, oldCrlf.Length - 1)];
        }

        return endings;
    }

    private static bool NeighbourIsCrlf(ReadOnlySpan<byte> original, Match match)
    {
        var next = original[match.End..].IndexOf((byte)'\n');
        var at = next >= 0 ? match.End + next : original[..match.Start].LastIndexOf((byte)'\n');
        return at > 0 && original[at - 1] == '\r';
    }

    private static void WriteLines(MemoryStream to, List<byte[]> lines, bool[] crlf)
    {
        for (var i = 0; i < lines.Count; i++)
        {
            to.Write(lines[i]);
            if (i < lines.Count - 1)
            {
                to.Write(crlf[i] ? "\r\n"u8 : "\n"u8);
            }
        }
    }

    private static List<byte[]> Lines(byte[] bytes)
    {
        var lines = new List<byte[]>();
        var rest = bytes.AsSpan();
        for (int at; (at = rest.IndexOf((byte)'\n')) >= 0; rest = rest[(at + 1)..])
        {
            lines.Add(rest[..at].ToArray());
        }

        lines.Add(rest.ToArray());
        return lines;
    }

    private static byte[] Normalised(byte[] bytes) => [.. WithoutBom(Mapped(bytes).Text)];

    /// <summary>The bytes without the CR of each CRLF, and for each position (and the end) where it is in the original.</summary>
    private static (byte[] Text, int[] Offsets) Mapped(byte[] original)
    {
        var text = new byte[original.Length];
        var offsets = new int[original.Length + 1];
        var count = 0;
        for (var i = 0; i < original.Length; i++)
        {
            // The LF that follows stands for both; it starts where the CR does.
            offsets[count] = i;
            if (original[i] == '\r' && i + 1 < original.Length && original[i + 1] == '\n')
            {
                i++;
            }

            text[count++] = original[i];
        }

        offsets[count] = original.Length;
        return (text[..count], offsets);
    }
}
