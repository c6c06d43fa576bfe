using V4Agents.Core.Budgets;
using V4Agents.Core.Tasks;
using V4Agents.Core.Verification;

namespace V4Agents.Core.Delivery;

/// <summary>Builds the receipt from the journal alone: nothing in it comes from the model's word.</summary>
public static class ReceiptBuilder
{
    public static Receipt Build(TaskState state, IReadOnlyList<TaskEvent> journal, VerificationResult? baseline, VerificationResult? gate)
    {
        // A fork answers for itself only: what its source spent is in its source's receipt.
        var forked = journal.Select((e, i) => e is TaskEvent.Forked ? i : -1).Max();
        var events = journal.Skip(forked + 1).ToList();
        var submission = state.Submission!;
        var conclusion = state.Conclusion!;
        var concludedAt = events.OfType<TaskEvent.Concluded>().Last().At;
        return new Receipt(
            state.Id.Value, conclusion.Outcome.Spelled(), conclusion.Failure?.Spelled(), conclusion.Message, submission.Repository, state.Repository?.Ref,
            state.Repository?.Commit, submission.WorkflowName, submission.WorkflowSha,
            state.Patch is { } patch ? new ReceiptPatch(patch.Diff.Value, patch.Tree, patch.Files, patch.Additions, patch.Deletions) : null,
            baseline is null && gate is null ? null : Gate(state, submission.Checks, baseline, gate),
            baseline is null || gate is null ? [] : Changes(baseline, gate),
            Cost(state.Spend, events), state.SubmittedAt, concludedAt, Math.Round((concludedAt - state.SubmittedAt).TotalSeconds, 3),
            state.Origin is { } origin ? new ReceiptOrigin(origin.Source.Value, origin.Step) : null,
            submission.Branch is { } branch && conclusion.Outcome == TaskOutcome.Verified
                ? new ReceiptBranch(branch, state.PushedCommit, state.PushedCommit is null ? state.PushRefused ?? state.Fault?.Message : null) : null,
            Stopped(events),
            new ReceiptRecoveries(
                state.Epoch, Math.Max(0, events.Count(e => e is TaskEvent.SandboxRestored) - (state.Origin is null ? 0 : 1)), events.Count(e => e is TaskEvent.ToolCallInterrupted),
                events.Count(e => e is TaskEvent.ModelCallInterrupted)));
    }

    private static ReceiptStop? Stopped(IReadOnlyList<TaskEvent> events)
    {
        var asked = events.TakeWhile(e => e is not TaskEvent.CancelRequested).Count();
        return asked < events.Count && events.Skip(asked).OfType<TaskEvent.Halted>().FirstOrDefault() is { } halted
            ? new ReceiptStop(
                halted.Effect, halted.Processes, halted.Seconds,
                events.Skip(asked).Sum(e => e switch
                {
                    TaskEvent.ModelCallCompleted call => call.CostUsd ?? 0,
                    TaskEvent.ModelCallInterrupted call => call.UnconfirmedUsd,
                    _ => 0,
                }))
            : null;
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
