using System.Globalization;
using V4Agents.Client.Contract;

namespace V4Agents.Cli.Output;

/// <summary>A task in words.</summary>
internal static class TaskLines
{
    public static string State(TaskBody task) => task switch
    {
        { Outcome: { } outcome, Failure: { } failure } => $"{outcome} ({failure})",
        { Outcome: { } outcome } => outcome,
        { CancelRequested: true } => "cancelling",
        { Activity: "paused" } => "paused",
        { Activity: { } activity } when activity.StartsWith("waiting for approval", StringComparison.Ordinal) => "waiting: approval",
        { Activity: { } activity } when activity.StartsWith("waiting", StringComparison.Ordinal) => "waiting",
        _ => "running",
    };

    public static string Row(TaskBody task) => string.Create(CultureInfo.InvariantCulture,
        $"{task.Id}  {State(task),-18}  {task.SubmittedAt.UtcDateTime:yyyy-MM-dd HH:mm}  {Cost(task),9}  {Printable.Line(task.Title, 70)}");

    public static IEnumerable<(string Name, string Value)> Details(TaskBody task)
    {
        yield return ("task", task.Id);
        yield return ("state", State(task));
        yield return ("title", Printable.Line(task.Title));
        yield return ("repository", Printable.Line($"{task.Repository} at {task.Ref ?? "HEAD"}{(task.Commit is { } commit ? $" ({commit})" : "")}"));
        yield return ("workflow", task.Workflow);
        if (!task.Finished)
        {
            yield return ("now", Printable.Line(task.Live?.Activity ?? task.Activity));
        }

        if (task.Message is { } message)
        {
            yield return ("message", Printable.Line(message, 1_000));
        }

        yield return ("steps", task.Steps.ToString(CultureInfo.InvariantCulture));
        yield return ("tokens", string.Create(CultureInfo.InvariantCulture,
            $"{task.PromptTokens:N0} in ({task.CacheHitTokens:N0} cached), {task.OutputTokens:N0} out"));
        yield return ("cost", Cost(task) + (task.UnconfirmedUsd > 0 ? string.Create(CultureInfo.InvariantCulture, $" and at most ${task.UnconfirmedUsd:0.0000} unconfirmed") : ""));
        yield return ("patch", Patch(task));
        yield return ("checks", $"{task.ChecksPassed} of {task.Checks} pass at the gate");
        yield return ("submitted", task.SubmittedAt.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture));
        yield return ("wall", $"{WallSeconds(task):0} s");
    }

    public static string Cost(TaskBody task) => string.Create(CultureInfo.InvariantCulture, $"${task.CostUsd:0.0000}");

    public static string Patch(TaskBody task) => $"{task.Patch.Files} files +{task.Patch.Additions} -{task.Patch.Deletions}";

    public static double WallSeconds(TaskBody task) => (task.UpdatedAt - task.SubmittedAt).TotalSeconds;

    /// <summary>What a finished task amounts to, on one line.</summary>
    public static string Verdict(TaskBody task) => string.Create(CultureInfo.InvariantCulture,
        $"{(task.Outcome == "verified" ? "gate passed" : State(task).Replace('_', ' '))}: {(task.Outcome == "verified" ? $"{task.ChecksPassed}" : $"{task.ChecksPassed} of {task.Checks}")} checks, patch {Patch(task)}, cost {Cost(task)}, wall {WallSeconds(task):0}s");
}
