using System.Text.RegularExpressions;

namespace V4Agents.Core.Verification;

/// <summary>
/// Reads the tests that a check's output names, in the line formats of the common runners. The output belongs to the code under test:
/// it informs a report and never decides, the exit code does.
/// </summary>
public static partial class TestReport
{
    private const int MaxTests = 20_000;

    /// <summary>Makes pytest list every test's outcome at the end of its output, whatever options the check has.</summary>
    public static readonly IReadOnlyDictionary<string, string> Environment = new Dictionary<string, string> { ["PYTEST_ADDOPTS"] = "-rpfEsxX" };

    public static IReadOnlyDictionary<string, TestState> Read(string output)
    {
        var tests = new SortedDictionary<string, TestState>(StringComparer.Ordinal);
        foreach (var raw in output.AsSpan().EnumerateLines())
        {
            if (raw.Length is < 4 or > 500 || tests.Count >= MaxTests)
            {
                continue;
            }

            var line = raw.ToString();
            foreach (var (format, state) in Formats)
            {
                if (format.Match(line) is { Success: true } match && state(match.Groups["state"].Value) is { } known)
                {
                    tests[match.Groups["test"].Value.Trim()] = known;
                    break;
                }
            }
        }

        return tests;
    }

    /// <summary>Tests whose state differs between two runs; absent on one side is null.</summary>
    public static IReadOnlyList<TestChange> Compare(IReadOnlyDictionary<string, TestState> before, IReadOnlyDictionary<string, TestState> after) =>
        [.. before.Keys.Union(after.Keys).Order(StringComparer.Ordinal)
            .Select(test => new TestChange(test, State(before, test), State(after, test)))
            .Where(change => change.Before != change.After)];

    private static TestState? State(IReadOnlyDictionary<string, TestState> run, string test) => run.TryGetValue(test, out var state) ? state : null;

    private static readonly (Regex Format, Func<string, TestState?> State)[] Formats =
    [
        (Pytest(), text => text is "PASSED" or "XPASS" ? TestState.Passed : text is "XFAIL" or "SKIPPED" ? TestState.Skipped : TestState.Failed),
        (Unittest(), text => text == "ok" ? TestState.Passed : text.StartsWith("skipped", StringComparison.Ordinal) ? TestState.Skipped : TestState.Failed),
        (Go(), text => text == "PASS" ? TestState.Passed : text == "SKIP" ? TestState.Skipped : TestState.Failed),
        (Cargo(), text => text == "ok" ? TestState.Passed : text.StartsWith("ignored", StringComparison.Ordinal) ? TestState.Skipped : TestState.Failed),
        (CTest(), text => text == "Passed" ? TestState.Passed : text.Contains("Skipped", StringComparison.Ordinal) ? TestState.Skipped : TestState.Failed),
        (DotNet(), text => text == "Passed" ? TestState.Passed : text == "Skipped" ? TestState.Skipped : TestState.Failed),
        (Tap(), text => text == "ok" ? TestState.Passed : TestState.Failed),
    ];

    [GeneratedRegex(@"^(?<state>PASSED|FAILED|ERROR|XFAIL|XPASS|SKIPPED) (?<test>\S+\.py(::\S[^\n]*?)?)( - .*)?$", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Pytest();

    [GeneratedRegex(@"^(?<test>\w+ \([\w.]+\)) \.\.\. (?<state>ok|FAIL|ERROR|skipped.*)$", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Unittest();

    [GeneratedRegex(@"^ *--- (?<state>PASS|FAIL|SKIP): (?<test>\S+)", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Go();

    [GeneratedRegex(@"^test (?<test>\S+)( - .*)? \.\.\. (?<state>ok|FAILED|ignored.*)$", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Cargo();

    [GeneratedRegex(@"^ *\d+/\d+ Test +#\d+: (?<test>\S+) \.+ *(?<state>Passed|\*\*\*\w+)", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex CTest();

    [GeneratedRegex(@"^ +(?<state>Passed|Failed|Skipped) (?<test>\S.*?) \[[^\]]+\]$", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex DotNet();

    [GeneratedRegex(@"^ *(?<state>ok|not ok) \d+ (- )?(?<test>\S.*)$", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Tap();
}
