using System.Text.RegularExpressions;
using Xunit;

namespace V4Agents.Core.Tests;

public sealed partial class DocumentTests
{
    /// <summary>A guide that names files which are gone misleads the newcomer it is written for.</summary>
    [Theory]
    [InlineData("docs/way-of-a-task.md", 10)]
    [InlineData("docs/journal-format.md", 3)]
    public void Guide_NamesOnlyPathsThatExist(string guide, int atLeast)
    {
        var root = Checkout.Root;
        var named = Paths().Matches(File.ReadAllText(Path.Combine(root, guide))).Select(match => match.Groups[1].Value).Distinct().ToList();

        Assert.True(named.Count >= atLeast, $"Only {named.Count} paths were found.");
        Assert.All(named, path => Assert.True(Path.Exists(Path.Combine(root, path)), $"{guide} names {path}, which does not exist."));
    }

    [GeneratedRegex("`((?:src|sandboxes|workflows|docs|tests)/[A-Za-z0-9_./-]+)`")]
    private static partial Regex Paths();
}
