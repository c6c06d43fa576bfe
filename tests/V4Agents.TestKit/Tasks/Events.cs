using V4Agents.Core.Blobs;
using V4Agents.Core.Budgets;
using V4Agents.Core.Conversations;
using V4Agents.Core.Repositories;
using V4Agents.Core.Sandboxing;
using V4Agents.Core.Tasks;
using V4Agents.Core.Tools;
using V4Agents.Core.Verification;
using V4Agents.Core.Workflows;

namespace V4Agents.TestKit.Tasks;

/// <summary>Facts with plausible content, so that a test names only what it is about.</summary>
public static class Events
{
    public static readonly DateTimeOffset Noon = new(2026, 11, 24, 12, 0, 0, TimeSpan.Zero);

    public static readonly TaskId TheTask = new("t-abcdefghijklmnopqrst");

    public static readonly Workflow Workflow = new(
        "issue-to-patch", new Budget(50, 5, TimeSpan.FromHours(1)), GateAttempts: 2, Nudges: 2, ModelAttempts: 3, TimeSpan.FromMinutes(5),
        TimeSpan.FromMinutes(10), ApprovalTimeout: TimeSpan.FromDays(7), PackBytes: 100_000,
        new WorkflowPrompts("You fix issues.", "{{issue}} {{pack}}", "{{issue}}", "Call a tool.", "You were cut.", "Gate: {{verdict}}"));

    public static readonly PatchSummary APatch = new(Blob("diff"), new string('a', 40), new string('b', 40), 1, 2, 3);

    public static BlobId Blob(string text) => BlobId.Of(System.Text.Encoding.UTF8.GetBytes(text));

    public static TaskSubmission Submission(Budget? budget = null, params string[] checks) => new(
        "local", "/repo", null, "It breaks", Blob("issue"), "issue-to-patch", new string('0', 64), Blob("workflow"),
        checks.Length == 0 ? ["make test"] : checks, budget ?? Workflow.Budget, "hash");

    public static TaskEvent Submitted(Budget? budget = null) => new TaskEvent.Submitted(TheTask, Submission(budget), Noon);

    public static TaskEvent Prepared() =>
        new TaskEvent.RepositoryPrepared(new PreparedRepository(new RepositoryId("r"), "HEAD", new string('c', 40), new string('d', 40), 3), Noon);

    public static TaskEvent VerificationStarted(VerificationKind kind, int number = 1) => new TaskEvent.VerificationStarted(kind, number, Noon);

    public static TaskEvent Verified(
        VerificationKind kind, bool passed, int number = 1, string? problem = null, bool commandMissing = false, bool replies = true) =>
        new TaskEvent.VerificationCompleted(
            kind, number, passed, passed ? 1 : 0, 1, problem, commandMissing, Blob("result"),
            kind == VerificationKind.Gate && replies ? Blob($"verdict {number}") : null, Noon);

    public static TaskEvent CallStarted(int step, ModelRole role = ModelRole.Solver, int attempt = 1, decimal reserved = 0.5m) =>
        new TaskEvent.ModelCallStarted(new CallId(step, attempt), role, "deepseek-v4-pro", "max", 1000, 2, "chain", new string('f', 64), reserved, Noon);

    public static TaskEvent CallCompleted(int step, params string[] tools) => CallCompleted(step, FinishReason.ToolCalls, 0.01m, tools);

    public static TaskEvent CallCompleted(int step, FinishReason finish, decimal? usd, params string[] tools) =>
        new TaskEvent.ModelCallCompleted(
            new CallId(step, 1), step == 0 ? ModelRole.Triage : ModelRole.Solver, Blob($"reply {step}"), finish, "deepseek-v4-pro",
            new Usage(128, 100, 50, 40), usd, "book", "peak",
            [.. tools.Select((name, i) => new ToolCallRef(new ToolCallId(step, i), $"call_{i}", name, Broken: false))], Noon);

    public static TaskEvent CallFailed(int step, ModelFailure kind, int attempt = 1, DateTimeOffset? retryAt = null) =>
        new TaskEvent.ModelCallFailed(
            new CallId(step, attempt), step == 0 ? ModelRole.Triage : ModelRole.Solver, kind, "it failed", retryAt ?? Noon, Noon);

    public static TaskEvent Triaged() => new TaskEvent.TriageRecorded(Blob("brief"), Noon);

    public static TaskEvent SandboxOpened() => new TaskEvent.SandboxOpened(new SandboxId("v4-box"), new string('e', 40), Noon);

    public static TaskEvent ConversationOpened() => new TaskEvent.ConversationOpened([Blob("system"), Blob("task")], Blob("tools"), Noon);

    public static TaskEvent ToolStarted(int step, int index, string name = "bash") =>
        new TaskEvent.ToolCallStarted(new ToolCallId(step, index), name, "ls", Noon);

    public static TaskEvent ToolCompleted(int step, int index, string name = "bash") =>
        new TaskEvent.ToolCallCompleted(new ToolCallId(step, index), name, 0, false, 3, 0.1, Blob($"result {step} {index}"), Blob("out"), Noon);

    public static TaskEvent PatchCaptured(PatchSummary? patch, string? refused = null) => new TaskEvent.PatchCaptured(patch, refused, Noon);

    public static TaskEvent Concluded(TaskOutcome outcome = TaskOutcome.Verified) => new TaskEvent.Concluded(outcome, null, "because", Noon);

    public static TaskEvent Halted(string effect) => new TaskEvent.Halted(effect, 0, 0.1, Noon);

    public static TaskEvent Interrupted(int step, int index, int run = 1) => new TaskEvent.ToolCallInterrupted(new ToolCallId(step, index), run, Noon);

    public static TaskEvent Checkpointed(string name) => new TaskEvent.WorkspaceCheckpointed($"tree {name}", $"commit {name}", Blob($"bundle {name}"), 10, Noon);

    public static TaskEvent Lost() => new TaskEvent.SandboxLost(new SandboxId("v4-box"), "it is gone", Noon);

    public static TaskEvent Restored(bool rebuilt = true) => new TaskEvent.SandboxRestored(new SandboxId("v4-box"), "tree", rebuilt, "restored", Noon);

    public static TaskEvent Said(string text, DateTimeOffset? at = null) => new TaskEvent.Said(Blob(text), text, at ?? Noon);

    public static TaskEvent Paused(DateTimeOffset? at = null) => new TaskEvent.Paused("asked for", at ?? Noon);

    public static TaskEvent Resumed(DateTimeOffset at) => new TaskEvent.Resumed(at);

    /// <summary>A task that is ready for its first solver call, and what follows.</summary>
    public static TaskEvent[] Working(params TaskEvent[] rest) =>
    [
        Submitted(), Prepared(), VerificationStarted(VerificationKind.Baseline), Verified(VerificationKind.Baseline, passed: true),
        CallStarted(0, ModelRole.Triage), CallCompleted(0), Triaged(), SandboxOpened(), ConversationOpened(), .. rest,
    ];

    public static TaskState Fold(params TaskEvent[] events) => events.Aggregate(TaskState.Empty, (state, e) => state.Apply(e));
}
