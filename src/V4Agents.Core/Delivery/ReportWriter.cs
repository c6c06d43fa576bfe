using System.Globalization;
using System.Text;
using V4Agents.Core.Verification;

namespace V4Agents.Core.Delivery;

/// <summary>The receipt for people, in Markdown. Text that came from a model or a repository stands in fences it cannot leave.</summary>
public static class ReportWriter
{
    private const int MaxChanges = 50;

    /// <param name="summary">The model's own account of the change, shown as such.</param>
    /// <param name="gateOutput">What the gate printed, or why it could not run.</param>
    public static string Write(Receipt receipt, string title, string? summary, string? gateOutput, string? diff)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"# {OneLine(title)}\n\n**{Headline(receipt)}** {OneLine(receipt.Message)}\n\n");
        text.Append("| | |\n|---|---|\n");
        Row(text, "task", receipt.Task);
        Row(text, "repository", $"{receipt.Repository} at {receipt.Ref ?? "HEAD"} ({receipt.Commit ?? "not resolved"})");
        Row(text, "patch", receipt.Patch is { } patch ? $"{patch.Files} files +{patch.Additions} -{patch.Deletions}, tree {patch.Tree}" : "none");
        Row(text, "cost", Cost(receipt.Cost));
        Row(text, "wall time", $"{receipt.WallSeconds.ToString("0.0", CultureInfo.InvariantCulture)} s");
        if (receipt.ForkedFrom is { } origin)
        {
            Row(text, "forked from", $"{origin.Task} after step {origin.Step}");
        }

        if (receipt.Branch is { } branch)
        {
            Row(text, "branch", branch.Commit is { } commit ? $"{branch.Name} at {commit}" : $"{branch.Name} was not pushed: {branch.Refused}");
        }

        if (receipt.Stopped is { } stop)
        {
            Row(text, "stopped", string.Create(
                CultureInfo.InvariantCulture,
                $"{stop.Effect} ended, {stop.ProcessesKilled} processes killed, nothing spent or running after {stop.SecondsToZero:0.0} s; at most ${stop.UsdAfter:0.0000} spent after the request"));
        }

        if (receipt.Recoveries is { } it && (it.Activations > 1 || it.SandboxesRestored + it.ToolCallsInterrupted + it.ModelCallsInterrupted > 0))
        {
            Row(text, "recoveries", $"{it.Activations} services carried the task; {it.SandboxesRestored} sandboxes restored, {it.ToolCallsInterrupted} tool calls and {it.ModelCallsInterrupted} model calls interrupted");
        }

        Row(text, "workflow", $"{receipt.Workflow} ({receipt.WorkflowSha256[..12]})");
        Checks(text, receipt);
        Tests(text, receipt.TestsThatChanged);
        Fenced(text, "What the model says it did (not verified)", summary, "text");
        Fenced(text, "What the gate printed", gateOutput, "text");
        Models(text, receipt.Cost);
        Fenced(text, "Patch", diff, "diff");
        return text.ToString();
    }

    private static string Headline(Receipt receipt) => receipt.Outcome switch
    {
        "verified" => "Verified.",
        "failed" => $"Failed ({receipt.Failure}).",
        var outcome => $"{char.ToUpperInvariant(outcome[0])}{outcome[1..].Replace('_', ' ')}: not verified.",
    };

    private static void Checks(StringBuilder text, Receipt receipt)
    {
        if (receipt.Gate is not { } gate)
        {
            text.Append("\n## Checks\n\nNone were run.\n");
            return;
        }

        text.Append(CultureInfo.InvariantCulture, $"\n## Checks\n\nThey ran in fresh containers: on the untouched commit, and on a clean checkout with only the patch applied. Gate runs: {gate.Attempts}.\n\n");
        text.Append("| check | before | after |\n|---|---|---|\n");
        foreach (var check in gate.Checks)
        {
            text.Append(CultureInfo.InvariantCulture, $"| `{Cell(check.Command)}` | {Exit(check.ExitCodeBefore, check.TimedOutBefore, check.SecondsBefore)} | {Exit(check.ExitCodeAfter, check.TimedOutAfter, check.SecondsAfter)} |\n");
        }

        if (gate.Passed && gate.Checks.All(check => check.ExitCodeBefore == 0))
        {
            text.Append("\nThe checks passed before the patch too: they show that nothing broke; that the issue is solved rests on the tests below.\n");
        }
    }

    private static void Tests(StringBuilder text, IReadOnlyList<TestChange> changes)
    {
        text.Append("\n## Tests that changed state\n\n");
        text.Append(changes.Count == 0 ? "None that the checks' output names.\n" : "");
        foreach (var change in changes.Take(MaxChanges))
        {
            text.Append(CultureInfo.InvariantCulture, $"- `{Cell(change.Test)}`: {State(change.Before)} → {State(change.After)}\n");
        }

        text.Append(changes.Count > MaxChanges ? $"- and {changes.Count - MaxChanges} more, in the receipt\n" : "");
    }

    private static void Models(StringBuilder text, ReceiptCost cost)
    {
        text.Append("\n## Model calls\n\n| role | model | tariff | calls | prompt tokens | from cache | output | USD |\n|---|---|---|---|---|---|---|---|\n");
        foreach (var model in cost.Models)
        {
            text.Append(CultureInfo.InvariantCulture, $"| {model.Role} | {Cell(model.Model)} | {model.TariffWindow} | {model.Calls} | {model.Tokens.Prompt} | {model.Tokens.CacheHit} | {model.Tokens.Output} | {model.Usd:0.000000} |\n");
        }
    }

    private static string Cost(ReceiptCost cost) => string.Create(
        CultureInfo.InvariantCulture,
        $"${cost.Usd:0.0000}{(cost.UnconfirmedUsd > 0 ? $" and up to ${cost.UnconfirmedUsd:0.0000} unconfirmed" : "")}, {cost.Tokens.Prompt} prompt tokens ({cost.Tokens.CacheHit} from cache), {cost.Tokens.Output} output{(cost.UnpricedCalls > 0 ? $"; {cost.UnpricedCalls} calls have no known price" : "")}");

    private static string Exit(int? code, bool timedOut, double? seconds) => code is null
        ? "not run"
        : string.Create(CultureInfo.InvariantCulture, $"exit {code}{(timedOut ? ", timed out" : "")}, {seconds:0.0} s");

    private static string State(TestState? state) => state?.ToString().ToLowerInvariant() ?? "absent";

    private static void Row(StringBuilder text, string name, string value) => text.Append(CultureInfo.InvariantCulture, $"| {name} | {Cell(value)} |\n");

    private static string Cell(string value) => OneLine(value).Replace("|", "\\|", StringComparison.Ordinal).Replace("`", "'", StringComparison.Ordinal);

    private static string OneLine(string value) => value.ReplaceLineEndings(" ").Trim();

    private static void Fenced(StringBuilder text, string title, string? content, string language)
    {
        if (string.IsNullOrWhiteSpace(content))
        {
            return;
        }

        var fence = new string('`', Math.Max(3, LongestRun(content) + 1));
        text.Append(CultureInfo.InvariantCulture, $"\n## {title}\n\n{fence}{language}\n{content.TrimEnd('\n')}\n{fence}\n");
    }

    private static int LongestRun(string content)
    {
        int longest = 0, run = 0;
        foreach (var c in content)
        {
            run = c == '`' ? run + 1 : 0;
            longest = Math.Max(longest, run);
        }

        return longest;
    }
}
