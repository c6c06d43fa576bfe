using V4Agents.Core.Budgets;
using V4Agents.Core.Delivery;
using V4Agents.Core.Tasks;
using V4Agents.Core.Verification;
using Xunit;
using static V4Agents.TestKit.Tasks.Events;

namespace V4Agents.Core.Tests.Delivery;

public sealed class ReportWriterTests
{
    private static VerificationResult Result(VerificationKind kind, int exitCode, params (string Test, TestState State)[] tests) => new(
        kind, null, [new CheckRun("make test", exitCode, false, 1.5, Blob("out").Value, tests.ToDictionary(t => t.Test, t => t.State))]);

    private static Receipt AReceipt()
    {
        TaskEvent[] events = Working(
            CallStarted(1), CallCompleted(1, "submit"), PatchCaptured(APatch), VerificationStarted(VerificationKind.Gate, 2),
            Verified(VerificationKind.Gate, passed: true, 2), Concluded());
        return ReceiptBuilder.Build(
            Fold(events), events, Result(VerificationKind.Baseline, 1, ("t::a", TestState.Failed)), Result(VerificationKind.Gate, 0, ("t::a", TestState.Passed)));
    }

    [Fact]
    public void Build_OfAVerifiedTask_CountsEveryCallOnceAndShowsBothRuns()
    {
        var receipt = AReceipt();

        Assert.Equal("verified", receipt.Outcome);
        Assert.Equal(0.02m, receipt.Cost.Usd);
        Assert.Equal(new Usage(256, 200, 100, 80), receipt.Cost.Tokens);
        var check = Assert.Single(receipt.Gate!.Checks);
        Assert.Equal((1, 0), (check.ExitCodeBefore!.Value, check.ExitCodeAfter!.Value));
        Assert.Equal(new TestChange("t::a", TestState.Failed, TestState.Passed), Assert.Single(receipt.TestsThatChanged));
    }

    [Fact]
    public void Build_WhenToolsRanAfterTheGate_DoesNotCallTheGatePassed()
    {
        TaskEvent[] events = Working(
            CallStarted(1), CallCompleted(1, "submit"), PatchCaptured(APatch), Verified(VerificationKind.Gate, passed: false, 2),
            CallStarted(2), CallCompleted(2, "bash"), ToolStarted(2, 0), ToolCompleted(2, 0), Concluded(TaskOutcome.BudgetExhausted));

        var receipt = ReceiptBuilder.Build(Fold(events), events, null, Result(VerificationKind.Gate, 0));

        Assert.False(receipt.Gate!.Passed);
    }

    [Fact]
    public void Write_KeepsForeignTextInsideItsFence()
    {
        var report = ReportWriter.Write(AReceipt(), "Broken | `title`\nwith lines", "```\n# Verified by the model\n```", "ok", "+x");

        Assert.Contains("````text\n```\n# Verified by the model\n```\n````", report, StringComparison.Ordinal);
        Assert.StartsWith("# Broken | `title` with lines\n\n**Verified.**", report, StringComparison.Ordinal);
        Assert.Contains("| `make test` | exit 1, 1.5 s | exit 0, 1.5 s |", report, StringComparison.Ordinal);
        Assert.Contains("`t::a`: failed → passed", report, StringComparison.Ordinal);
    }
}
