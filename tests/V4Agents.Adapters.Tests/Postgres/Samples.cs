using System.Security.Cryptography;
using V4Agents.Core.Blobs;
using V4Agents.Core.Budgets;
using V4Agents.Core.Conversations;
using V4Agents.Core.Tasks;

namespace V4Agents.Adapters.Tests.Postgres;

internal static class Samples
{
    public static readonly DateTimeOffset Noon = new(2026, 11, 24, 12, 0, 0, TimeSpan.Zero);

    public static TaskId NewTask() => new($"t-{RandomNumberGenerator.GetString("abcdefghijklmnopqrstuvwxyz234567", 20)}");

    public static TaskEvent Event(string text = "why not") => new TaskEvent.CancelRequested(text, Noon);

    public static TaskEvent.ModelCallStarted CallStarted(CallId call) =>
        new(call, ModelRole.Solver, "deepseek-v4-pro", "max", MaxTokens: 1000, Messages: 2, Prompt: "chain", Body: null, ReservedUsd: 0.5m, Noon);

    public static TaskEvent.ModelCallCompleted CallCompleted(CallId call) =>
        new(call, ModelRole.Solver, BlobId.Of("reply"u8), FinishReason.Stop, "deepseek-v4-pro-0813",
            new Usage(CacheHit: 900, CacheMiss: 100, Output: 50, Reasoning: 40), CostUsd: 0.001234m, PriceBook: "2026-08", TariffWindow: "off-peak", [], Noon);

    public static TaskEvent.WorkspaceCheckpointed Checkpointed(BlobId bundle) => new(new string('1', 40), new string('2', 40), bundle, BundleBytes: 7, Noon);

    /// <summary>A summary with a distinct value in every field.</summary>
    public static TaskSummary Summary(TaskId task, long seq) => new(
        task, seq, Tenant: "tenant", Title: "title", Repository: "/repository", Ref: "main", Commit: "c0ffee", Workflow: "issue-to-patch",
        Activity: "calling", TaskOutcome.GateFailed, FailureCode.PatchRefused, Message: "message", Steps: 1, PromptTokens: 2_000_000_000_000,
        CacheHitTokens: 3, OutputTokens: 4, CostUsd: 5.000001m, UnconfirmedUsd: 6.5m, PatchFiles: 7, PatchAdditions: 8, PatchDeletions: 9,
        ChecksPassed: 10, Checks: 11, CancelRequested: true, Finished: false, SubmittedAt: Noon, UpdatedAt: Noon.AddMinutes(1));
}
