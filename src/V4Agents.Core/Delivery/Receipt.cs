using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using V4Agents.Core.Budgets;
using V4Agents.Core.Verification;

namespace V4Agents.Core.Delivery;

/// <summary>The evidence that goes with an outcome: what was run, on which bytes, with which exit codes, at what cost.</summary>
public sealed record Receipt(
    string Task,
    string Outcome,
    string? Failure,
    string Message,
    string Repository,
    string? Ref,
    string? Commit,
    string Workflow,
    string WorkflowSha256,
    ReceiptPatch? Patch,
    ReceiptGate? Gate,
    IReadOnlyList<TestChange> TestsThatChanged,
    ReceiptCost Cost,
    DateTimeOffset SubmittedAt,
    DateTimeOffset ConcludedAt,
    double WallSeconds,
    ReceiptOrigin? ForkedFrom,
    ReceiptBranch? Branch,
    ReceiptStop? Stopped,
    ReceiptRecoveries Recoveries)
{
    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        WriteIndented = true,
    };

    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, Options);
}

/// <param name="Tree">The git tree that the patched checkout had when the checks ran.</param>
public sealed record ReceiptPatch(string Sha256, string Tree, int Files, int Additions, int Deletions);

/// <param name="Attempts">Gate runs of this task; the checks shown are the last one's.</param>
public sealed record ReceiptGate(bool Passed, int Attempts, string? Problem, IReadOnlyList<ReceiptCheck> Checks);

/// <summary>One check on the untouched commit and on the patched tree, each in a fresh container.</summary>
public sealed record ReceiptCheck(
    string Command, int? ExitCodeBefore, bool TimedOutBefore, int? ExitCodeAfter, bool TimedOutAfter, double? SecondsBefore, double? SecondsAfter,
    string? OutputBefore, string? OutputAfter);

/// <param name="UnpricedCalls">Calls to models the price book does not know, or whose server counted no tokens: their cost is not in the sum.</param>
public sealed record ReceiptCost(
    decimal Usd, decimal UnconfirmedUsd, int UnpricedCalls, IReadOnlyList<string> PriceBooks, Usage Tokens, IReadOnlyList<ReceiptModel> Models);

public sealed record ReceiptModel(string Role, string Model, string TariffWindow, int Calls, Usage Tokens, decimal Usd);

/// <param name="Step">The last step taken over.</param>
public sealed record ReceiptOrigin(string Task, int Step);

/// <param name="Commit">Null when the branch was not pushed, for the reason in <paramref name="Refused"/>.</param>
public sealed record ReceiptBranch(string Name, string? Commit, string? Refused);

/// <summary>The proof of a stop.</summary>
/// <param name="Effect">What was running when the stop was asked for.</param>
/// <param name="SecondsToZero">From the request until nothing was spent and nothing ran any more.</param>
/// <param name="UsdAfter">What was spent after the request: the bound on a call that was aborted.</param>
public sealed record ReceiptStop(string Effect, int ProcessesKilled, double SecondsToZero, decimal UsdAfter);

/// <summary>What died under the task and how it went on.</summary>
/// <param name="Activations">Services that carried the task, one after the other.</param>
/// <param name="ModelCallsInterrupted">Calls that are counted as unconfirmed, because their end is not known.</param>
public sealed record ReceiptRecoveries(int Activations, int SandboxesRestored, int ToolCallsInterrupted, int ModelCallsInterrupted);
