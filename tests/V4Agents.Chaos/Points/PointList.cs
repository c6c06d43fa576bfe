namespace V4Agents.Chaos.Points;

/// <summary>Every named point of the task that <see cref="PointTask"/> describes.</summary>
internal static class PointList
{
    /// <summary>Of these kinds the first is the triage's or the baseline's; the second is the one that the patch hangs on.</summary>
    private static readonly HashSet<string> Twice =
        ["model_call.started", "model_call.completed", "verification.started", "verification.completed", "tool_call.started", "tool_call.completed"];

    private static readonly string[] Effects =
    [
        "prepare-repository", "baseline", "model-call", "model-call#2", "open-sandbox", "open-conversation", "tool-view", "tool-bash", "tool-write", "tool-search",
        "tool-edit", "capture-patch", "gate", "gate#2", "close-sandbox", "push-branch", "deliver",
    ];

    private static readonly Death InTool = new("after-append:tool_call.started#2");

    /// <param name="kinds">Every kind of event that the task records when nothing dies, in the order of their first appearance.</param>
    public static IReadOnlyList<Point> Of(IEnumerable<string> kinds) =>
    [
        .. kinds.SelectMany(kind => Twice.Contains(kind) ? [kind, $"{kind}#2"] : new[] { kind }).SelectMany(Around).Select(Point.At),
        .. Effects.SelectMany(InAndAfter).Select(Point.At),

        // What only a recovery does, dies too.
        .. Around("task.adopted").Concat(InAndAfter("reconcile")).Select(second => new Point([InTool, new Death(second)])),
        .. InAndAfter("reconcile").Select(second => new Point([new Death("after-append:verification.started#2"), new Death(second)])),
        .. Around("model_call.interrupted").Select(second => new Point([new Death("during:model-call#2"), new Death(second)])),
        .. Around("tool_call.interrupted").Select(second => new Point([new Death("during:tool-bash", Then.KillSandbox), new Death(second)])),
        .. Around("sandbox.lost").Concat(Around("sandbox.restored")).Concat(InAndAfter("restore-sandbox"))
            .Select(second => new Point([new Death("after-append:tool_call.completed#2", Then.RemoveSandbox), new Death(second)])),

        .. Around("cancel.requested").Concat(InAndAfter("halt")).Concat(Around("task.halted")).Select(at => new Point([new Death(at)], Cancels: true)),
    ];

    private static string[] Around(string kind) => [$"before-append:{kind}", $"after-append:{kind}"];

    private static string[] InAndAfter(string effect) => [$"during:{effect}", $"after:{effect}"];
}
