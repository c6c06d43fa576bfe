using System.Text.RegularExpressions;
using V4Agents.Cli;
using V4Agents.Core.Tasks;
using V4Agents.EndToEnd.Tests.World;
using Xunit;

namespace V4Agents.EndToEnd.Tests.Cli;

public sealed class ExitCodesTests
{
    [Fact]
    public void Document_ListsEveryCodeWithItsName()
    {
        var documented = Regex.Matches(File.ReadAllText(Sources.PathOf("docs/exit-codes.md")), @"^\| (\d+) \| ([a-z_]+) \|", RegexOptions.Multiline)
            .Select(row => $"{row.Groups[1].Value} {row.Groups[2].Value}");

        Assert.Equal(Enum.GetValues<ExitCode>().Order().Select(code => $"{(int)code} {code.Spelled()}"), documented);
    }

    [Fact]
    public void Of_EveryFailureAndOutcome_HasACodeOfItsOwn()
    {
        var failures = Enum.GetValues<FailureCode>().Select(code => ExitCodes.OfCode(code.Spelled())).ToList();
        var outcomes = Enum.GetNames<TaskOutcome>().Where(name => name != nameof(TaskOutcome.Failed))
            .Select(name => ExitCodes.OfCode(System.Text.Json.JsonNamingPolicy.SnakeCaseLower.ConvertName(name)));
        var all = failures.Concat(outcomes).ToList();

        Assert.DoesNotContain(ExitCode.Unexpected, all);
        Assert.Equal(all.Count, all.Distinct().Count());
    }
}
