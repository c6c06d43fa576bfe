using System.Globalization;
using System.Text.Json;
using V4Agents.Client.Contract;

namespace V4Agents.Cli.Output;

/// <summary>One short line per event that a person wants to see. It remembers what a call was about until the call's end is told.</summary>
internal sealed class EventLines
{
    private readonly Dictionary<string, string> _previews = [];

    public EventLine? Of(EventBody e) => e.Kind switch
    {
        "submitted" => new("•", $"submitted: {Text(e, "submission", "title")}"),
        "repository.prepared" => new("•", $"repository at {Cut(Text(e, "repository", "commit"), 12)}, {Text(e, "repository", "files")} files"),
        "verification.started" => new("•", IsGate(e) ? $"gate {Text(e, "number")}: running the checks on the patched checkout" : "running the checks on the untouched commit"),
        "verification.completed" => Verified(e),
        "model_call.completed" => Called(e),
        "model_call.failed" => new("!", $"the {Text(e, "role")} call failed ({Text(e, "kind")}): {Text(e, "message")}", "yellow"),
        "model_call.interrupted" => new("!", $"the {Text(e, "role")} call was interrupted; at most ${Money(e, "unconfirmed_usd")} of it was spent", "yellow"),
        "sandbox.opened" => new("•", "sandbox ready"),
        "tool_call.started" => Remember(e),
        "tool_call.completed" => Ran(e),
        "model.nudged" => new("!", $"reminded the model ({Text(e, "reason")})", "yellow"),
        "patch.captured" => Captured(e),
        "effect.failed" => new("!", $"{Text(e, "effect")} failed: {Text(e, "message")}", "yellow"),
        "tool_call.interrupted" => new("!", "the sandbox died during the call; the work tree is put back and the call runs again", "yellow"),
        "workspace.unsaved" => new("!", $"the work tree could not be saved: {Text(e, "reason")}", "yellow"),
        "sandbox.lost" => new("!", $"the sandbox is lost: {Text(e, "reason")}", "yellow"),
        "sandbox.restored" => new("•", Text(e, "rebuilt") == "true" ? "sandbox rebuilt from the repository and the checkpoints" : "work tree put back to the last checkpoint"),
        "task.adopted" => new("•", $"service {Text(e, "silo")} goes on with the task (the {Ordinal(Text(e, "epoch"))} to carry it)"),
        "task.paused" => new("!", $"paused: {Text(e, "reason")}", "yellow"),
        "task.resumed" => new("•", "resumed"),
        "message.said" => new("»", $"told the model: {Text(e, "text")}"),
        "approval.requested" => new("?", $"waits for approval until {Text(e, "expires_at")}: v4 approve ID, or v4 approve ID --no", "bold yellow"),
        "approval.answered" => new("•", Text(e, "approved") == "true" ? "approved" : $"declined{(Text(e, "comment") is { Length: > 0 } comment ? $": {comment}" : "")}"),
        "task.halted" => new("•", $"stopped after {Text(e, "seconds")} s: {Text(e, "effect")} ended, {Text(e, "processes")} processes killed; nothing runs and nothing is spent"),
        "task.forked" => new("•", $"forked from {Text(e, "source")} after step {Text(e, "step")}{(Text(e, "text") is { Length: > 0 } text ? $"; told: {text}" : "")}"),
        "clock.adjusted" => new("!", $"the clock jumped by {Text(e, "seconds")} s; the jump does not count as wall time", "yellow"),
        "branch_push.completed" => Text(e, "refused") is { Length: > 0 } refused
            ? new("✗", $"branch {Text(e, "branch")} was not pushed: {refused}", "red")
            : new("•", $"branch {Text(e, "branch")} is at {Cut(Text(e, "commit"), 12)}"),
        "cancel.requested" => new("!", $"cancelling: {Text(e, "reason")}", "yellow"),
        "concluded" => new(Text(e, "outcome") == "verified" ? "✓" : "✗", $"{Text(e, "outcome").Replace('_', ' ')}: {Text(e, "message")}",
            Text(e, "outcome") == "verified" ? "green" : "red"),
        _ => null,
    };

    private static EventLine Verified(EventBody e)
    {
        var passed = Text(e, "passed") == "true";
        var what = IsGate(e) ? $"gate {Text(e, "number")} {(passed ? "passed" : "failed")}" : "untouched commit";
        var problem = Text(e, "problem");
        return new EventLine(
            IsGate(e) ? passed ? "✓" : "✗" : "•",
            $"{what}: {Text(e, "checks_passed")} of {Text(e, "checks")} checks pass{(problem.Length > 0 ? $"; {problem}" : "")}",
            IsGate(e) ? passed ? "green" : "red" : null);
    }

    private static EventLine Called(EventBody e)
    {
        var hit = Long(e, "usage", "cache_hit");
        var prompt = hit + Long(e, "usage", "cache_miss");
        var cached = prompt == 0 ? 0 : 100 * hit / prompt;
        var cost = Text(e, "cost_usd") is { Length: > 0 } ? $"${Money(e, "cost_usd")}" : "unpriced";
        var calls = At(e, "tool_calls") is { ValueKind: JsonValueKind.Array } list
            ? string.Join(", ", list.EnumerateArray().Select(call => call.TryGetProperty("name", out var name) ? name.ToString() : "?")) : "";
        return new EventLine("◆", string.Create(CultureInfo.InvariantCulture,
            $"{Text(e, "role")} step {Text(e, "call", "step")}: {Text(e, "served_model")}, {prompt:N0} in ({cached} % cached), {Long(e, "usage", "output"):N0} out, {cost}{(calls.Length > 0 ? $" → {calls}" : "")}"));
    }

    private EventLine? Remember(EventBody e)
    {
        _previews[At(e, "call").ToString()] = Text(e, "preview");
        return null;
    }

    private EventLine Ran(EventBody e)
    {
        _previews.Remove(At(e, "call").ToString(), out var preview);
        var failed = Text(e, "exit_code") != "0" || Text(e, "timed_out") == "true";
        var seconds = At(e, "seconds") is { ValueKind: JsonValueKind.Number } number ? number.GetDouble() : 0;
        return new EventLine(" ", string.Create(CultureInfo.InvariantCulture,
            $"  {Printable.Line($"{Text(e, "name")} {preview}", 100)}  exit {Text(e, "exit_code")}{(Text(e, "timed_out") == "true" ? ", timed out" : "")}, {seconds:0.0} s"),
            failed ? "yellow" : "grey");
    }

    private static EventLine Captured(EventBody e) => Text(e, "refused") is { Length: > 0 } refused
        ? new("✗", $"the work tree cannot become a patch: {refused}", "red")
        : At(e, "patch") is { ValueKind: JsonValueKind.Object }
            ? new("•", $"patch: {Text(e, "patch", "files")} files +{Text(e, "patch", "additions")} -{Text(e, "patch", "deletions")}")
            : new("•", "the work tree has no changes");

    private static string Ordinal(string number) => number switch
    {
        "1" => "first",
        "2" => "second",
        "3" => "third",
        _ => $"{number}th",
    };

    private static bool IsGate(EventBody e) => string.Equals(Text(e, "kind"), "gate", StringComparison.OrdinalIgnoreCase);

    private static string Cut(string text, int length) => text.Length <= length ? text : text[..length];

    private static long Long(EventBody e, params string[] path) => At(e, path) is { ValueKind: JsonValueKind.Number } number ? number.GetInt64() : 0;

    private static string Money(EventBody e, string name) =>
        At(e, name) is { ValueKind: JsonValueKind.Number } number ? number.GetDecimal().ToString("0.0000", CultureInfo.InvariantCulture) : "0";

    private static string Text(EventBody e, params string[] path) => At(e, path) switch
    {
        { ValueKind: JsonValueKind.True } => "true",
        { ValueKind: JsonValueKind.False } => "false",
        { ValueKind: JsonValueKind.Undefined or JsonValueKind.Null } => "",
        var value => Printable.Line(value.ToString(), 1_000),
    };

    private static JsonElement At(EventBody e, params string[] path)
    {
        var at = e.Data;
        foreach (var name in path)
        {
            if (at.ValueKind != JsonValueKind.Object || !at.TryGetProperty(name, out at))
            {
                return default;
            }
        }

        return at;
    }
}
