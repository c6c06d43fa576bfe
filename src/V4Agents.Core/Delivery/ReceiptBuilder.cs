using V4Agents.Core.Budgets;
using V4Agents.Core.Tasks;
using V4Agents.Core.Verification;

namespace V4Agents.Core.Delivery;

/// <summary>Builds the receipt from the journal alone: nothing in it comes from the model's word.</summary>
public static class ReceiptBuilder
{
    public static Receipt Build(TaskState state, IReadOnlyList<TaskEvent> events, VerificationResult? baseline, VerificationResult? gate)
    {
        var submission = state.Submission!;
        var conclusion = state.Conclusion!;
        var concludedAt = events.OfType<TaskEvent.Concluded>().Last().At;
        return new Receipt(
            state.Id.Value, conclusion.Outcome.Spelled(), conclusion.Failure?.Spelled(), conclusion.Message, submission.Repository, state.Repository?.Ref,
            state.Repository?.Commit, submission.WorkflowName, submission.WorkflowSha,
            state.Patch is { } patch ? new ReceiptPatch(patch.Diff.Value, patch.Tree, patch.Files, patch.Additions, patch.Deletions) : null,
            baseline is null && gate is null ? null : Gate(state, submission.Checks, baseline, gate),
            baseline is null || gate is null ? [] : Changes(baseline, gate),
            Cost(state.Spend, events), state.SubmittedAt, concludedAt, Math.Round((concludedAt - state.SubmittedAt).TotalSeconds, 3));
    }

    private static ReceiptGate Gate(TaskState state, IReadOnlyList<string> checks, VerificationResult? baseline, VerificationResult? gate) => new(
        gate is not null && gate.Passed && state.GateIsCurrent, state.GateRuns, gate?.Problem,
        [.. checks.Select((command, i) => Check(command, baseline?.Runs.ElementAtOrDefault(i), gate?.Runs.ElementAtOrDefault(i)))]);

    private static ReceiptCheck Check(string command, CheckRun? before, CheckRun? after) => new(
        command, before?.ExitCode, before?.TimedOut ?? false, after?.ExitCode, after?.TimedOut ?? false, before?.Seconds, after?.Seconds,
        before?.OutputBlob, after?.OutputBlob);

    private static List<TestChange> Changes(VerificationResult baseline, VerificationResult gate) =>
        [.. baseline.Runs.Zip(gate.Runs).SelectMany(pair => TestReport.Compare(pair.First.Tests, pair.Second.Tests))];

    private static ReceiptCost Cost(Spend spend, IReadOnlyList<TaskEvent> events)
    {
        var calls = events.OfType<TaskEvent.ModelCallCompleted>().ToList();
        return new ReceiptCost(
            spend.ConfirmedUsd, spend.UnconfirmedUsd, calls.Count(call => call.CostUsd is null),
            [.. calls.Select(call => call.PriceBook).OfType<string>().Distinct(StringComparer.Ordinal)],
            spend.Usage,
            [.. calls.GroupBy(call => (call.Role, call.ServedModel, Window: call.TariffWindow ?? "unpriced")).Select(group => new ReceiptModel(
                group.Key.Role.ToString().ToLowerInvariant(), group.Key.ServedModel, group.Key.Window, group.Count(),
                group.Aggregate(Usage.None, (sum, call) => sum + call.Usage), group.Sum(call => call.CostUsd ?? 0)))]);
    }
}
