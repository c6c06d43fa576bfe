using System.Text;
using V4Agents.Runner;
using Xunit;

namespace V4Agents.Adapters.Tests.Sandboxes;

public sealed class TextSpliceTests
{
    private static byte[] Latin(string text) => Encoding.Latin1.GetBytes(text);

    private static string Edited(string original, string old, string replacement)
    {
        var bytes = Latin(original);
        return Encoding.Latin1.GetString(TextSplice.Apply(bytes, TextSplice.Find(bytes, old), replacement));
    }

    [Theory]
    [InlineData("a\nb\nc\n", "b", "B", "a\nB\nc\n")]
    [InlineData("a\r\nb\r\nc\r\n", "a\nb", "A\nB", "A\r\nB\r\nc\r\n")]
    [InlineData("a\r\nb\r\nc\r\n", "a\r\nb", "A\r\nB", "A\r\nB\r\nc\r\n")]
    [InlineData("a\nb\nc\n", "a\r\nb", "A\r\nB", "A\nB\nc\n")]
    [InlineData("a\r\nb\nc\r\nd\n", "a\nb\nc\nd", "a\nX\nc\nd", "a\r\nX\nc\r\nd\n")]
    [InlineData("a\nb\r\nc\r\n", "b", "b1\nb2", "a\nb1\r\nb2\r\nc\r\n")]
    [InlineData("a\r\nb", "b", "b\nc", "a\r\nb\r\nc")]
    [InlineData("a\r\nb\nc\n", "a\nb\nc", "a\nnew\nb\nc", "a\r\nnew\nb\nc\n")]
    [InlineData("a\r\nb\r\nc", "a\nb\n", "", "c")]
    [InlineData("\u00EF\u00BB\u00BFa\r\nb", "a\n", "z\n", "\u00EF\u00BB\u00BFz\r\nb")]
    [InlineData("\u00FF\u0080 x \r lone\r\ny", "x", "z", "\u00FF\u0080 z \r lone\r\ny")]
    [InlineData("aXbXc", "X", "-", "a-b-c")]
    public void Apply_WhenOneTextIsReplaced_LeavesAllOtherBytes(string original, string old, string replacement, string expected) =>
        Assert.Equal(expected, Edited(original, old, replacement));

    [Fact]
    public void Find_WhenAbsent_FindsNothing() => Assert.Empty(TextSplice.Find(Latin("abc\r\n"), "abd"));

    [Fact]
    public void Find_WhenMatchesTouch_DoesNotOverlapThem() => Assert.Equal(2, TextSplice.Find(Latin("aaaaa"), "aa").Count);

    [Theory]
    [InlineData("a\r\nb\r\n", "x\ny\n", "x\r\ny\r\n")]
    [InlineData("a\nb\n", "x\r\ny\r\n", "x\r\ny\r\n")]
    [InlineData("\u00EF\u00BB\u00BFa\n", "x\n", "\u00EF\u00BB\u00BFx\n")]
    [InlineData("\u00EF\u00BB\u00BFa\n", "\u00EF\u00BB\u00BFx\n", "\u00EF\u00BB\u00BFx\n")]
    public void InTheStyleOf_WhenAFileIsRewritten_KeepsMarkAndEndings(string existing, string content, string expected) =>
        Assert.Equal(expected, Encoding.Latin1.GetString(TextSplice.InTheStyleOf(Latin(existing), Latin(content))));

    [Fact]
    public void Hint_WhenOnlyIndentationDiffers_NamesTheLine() =>
        Assert.Contains("Line 2", NearestLine.Hint(Latin("x = 1\n    return x + 1\n"), "return x + 1\n"), StringComparison.Ordinal);
}
