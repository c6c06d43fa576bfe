using V4Agents.Core.Verification;
using Xunit;

namespace V4Agents.Core.Tests.Verification;

public sealed class TestReportTests
{
    [Theory]
    [InlineData("PASSED tests/test_a.py::test_one", "tests/test_a.py::test_one", TestState.Passed)]
    [InlineData("FAILED tests/test_a.py::test_two[a b] - AssertionError: x", "tests/test_a.py::test_two[a b]", TestState.Failed)]
    [InlineData("ERROR tests/test_a.py - ImportError", "tests/test_a.py", TestState.Failed)]
    [InlineData("test_x (tests.T.test_x) ... ok", "test_x (tests.T.test_x)", TestState.Passed)]
    [InlineData("test_x (tests.T.test_x) ... skipped 'no'", "test_x (tests.T.test_x)", TestState.Skipped)]
    [InlineData("--- FAIL: TestAdd (0.00s)", "TestAdd", TestState.Failed)]
    [InlineData("    --- PASS: TestAdd/small (0.00s)", "TestAdd/small", TestState.Passed)]
    [InlineData("test tests::adds ... ok", "tests::adds", TestState.Passed)]
    [InlineData(" 1/2 Test #1: adds .............................   Passed    0.00 sec", "adds", TestState.Passed)]
    [InlineData(" 2/2 Test #2: divides ..........................***Failed    0.01 sec", "divides", TestState.Failed)]
    [InlineData("  Passed Ns.Tests.Adds [12 ms]", "Ns.Tests.Adds", TestState.Passed)]
    [InlineData("not ok 2 - divides by zero", "divides by zero", TestState.Failed)]
    public void Read_OfARunnersLine_NamesTheTestAndItsState(string line, string test, TestState state) =>
        Assert.Equal(KeyValuePair.Create(test, state), Assert.Single(TestReport.Read($"noise\n{line}\r\nmore noise")));

    [Fact]
    public void Read_OfUnknownOutput_IsEmpty() => Assert.Empty(TestReport.Read("all good\n\u0000\n" + new string('x', 100_000)));

    [Fact]
    public void Compare_OfTwoRuns_ListsOnlyWhatChanged()
    {
        var before = TestReport.Read("PASSED a.py::same\nFAILED a.py::fixed\nPASSED a.py::gone");
        var after = TestReport.Read("PASSED a.py::same\nPASSED a.py::fixed\nPASSED a.py::added");

        Assert.Equal(
            [
                new TestChange("a.py::added", null, TestState.Passed),
                new TestChange("a.py::fixed", TestState.Failed, TestState.Passed),
                new TestChange("a.py::gone", TestState.Passed, null),
            ],
            TestReport.Compare(before, after));
    }
}
