using System.Text;

namespace V4Agents.Sandboxes.Calls;

/// <summary>The end of an output as text, when it was cut at any byte.</summary>
internal static class LiveText
{
    private const int Most = 4 * 1024;
    private const int LongestCharacter = 4;

    public static string Of(ReadOnlySpan<byte> end)
    {
        end = end.Length > Most ? end[^Most..] : end;
        var cut = 0;
        while (cut < Math.Min(end.Length, LongestCharacter - 1) && (end[cut] & 0xC0) == 0x80)
        {
            cut++;
        }

        // Not flushed: the beginning of a character at the very end is left for the next time.
        var decoder = Encoding.UTF8.GetDecoder();
        var text = new char[end.Length];
        return new string(text, 0, decoder.GetChars(end[cut..], text, flush: false));
    }
}
