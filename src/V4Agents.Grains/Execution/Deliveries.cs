using System.Text;
using System.Text.Json;
using V4Agents.Core.Blobs;
using V4Agents.Core.Conversations;
using V4Agents.Core.Delivery;
using V4Agents.Core.Journal;
using V4Agents.Core.Repositories;
using V4Agents.Core.Tasks;
using V4Agents.Core.Tools;
using V4Agents.Core.Verification;

namespace V4Agents.Grains.Execution;

/// <summary>Patch, report and receipt as blobs. Content-addressed, so that doing it again changes nothing.</summary>
internal sealed class Deliveries(ITaskJournal journal, PatientBlobs blobs, IRepositories repositories, TimeProvider clock)
{
    public async Task<TaskEvent> RunAsync(TaskState state, CancellationToken cancellationToken)
    {
        var entries = await journal.ReadAsync(state.Id, afterSeq: 0, cancellationToken);
        var events = entries.Select(entry => entry.Event).ToList();
        var gate = await VerificationAsync(state.Gate, cancellationToken);
        var receipt = ReceiptBuilder.Build(state, events, await VerificationAsync(state.Baseline, cancellationToken), gate);
        var diff = state.Patch is { } patch ? await blobs.GetTextAsync(patch.Diff, cancellationToken) : null;
        var report = ReportWriter.Write(
            receipt, state.Submission!.Title, await SummaryAsync(state, cancellationToken), await OutputAsync(gate, cancellationToken), diff);
        return new TaskEvent.DeliveryCompleted(
            state.Patch?.Diff, await blobs.PutAsync(Encoding.UTF8.GetBytes(report), cancellationToken),
            await blobs.PutAsync(receipt.ToJson(), cancellationToken), clock.GetUtcNow());
    }

    /// <summary>The branch itself is the idempotency key: a commit with this parent, tree, text and time has one id, and a push that landed is found there.</summary>
    public async Task<TaskEvent> PushAsync(TaskState state, string branch, TaskSession session, CancellationToken cancellationToken)
    {
        var repository = await session.RepositoryAsync(state, repositories, cancellationToken);
        var patch = state.Patch!; // A verified task has one.
        var message = $"{state.Submission!.Title}\n\nTask: {state.Id}\nVerified: {string.Join("; ", state.Submission.Checks)}\n";
        var outcome = await repositories.PushAsync(
            new PushRequest(
                repository.Id, state.Submission.Repository, repository.Commit, patch.Tree, await blobs.GetAsync(patch.Diff, cancellationToken), branch, message,
                state.SubmittedAt),
            cancellationToken);
        return outcome switch
        {
            PushOutcome.Pushed pushed => new TaskEvent.BranchPushCompleted(branch, pushed.Commit, pushed.AlreadyThere, null, clock.GetUtcNow()),
            PushOutcome.Refused refused => new TaskEvent.BranchPushCompleted(branch, null, AlreadyThere: false, refused.Reason, clock.GetUtcNow()),
            _ => throw new InvalidOperationException($"Unknown push outcome {outcome.GetType().Name}."),
        };
    }

    private async Task<VerificationResult?> VerificationAsync(VerificationMark? mark, CancellationToken cancellationToken) =>
        mark is null ? null : VerificationCodec.Decode((await blobs.GetAsync(mark.Result, cancellationToken)).Span);

    private async Task<string?> OutputAsync(VerificationResult? gate, CancellationToken cancellationToken)
    {
        if (gate is null)
        {
            return null;
        }

        var outputs = new List<string>();
        foreach (var run in gate.Runs)
        {
            outputs.Add(await blobs.GetTextAsync(new BlobId(run.OutputBlob), cancellationToken));
        }

        return Verdict.Describe(gate, outputs);
    }

    /// <summary>What the model last said when it submitted.</summary>
    private async Task<string?> SummaryAsync(TaskState state, CancellationToken cancellationToken)
    {
        if (state.Reply is not { } reply)
        {
            return null;
        }

        var message = (ChatMessage.Assistant)MessageCodec.Decode((await blobs.GetAsync(reply, cancellationToken)).Span);
        if (message.ToolCalls.LastOrDefault(call => call.Name == ToolCatalog.Submit) is not { } submit)
        {
            return message.Content;
        }

        using var arguments = JsonDocument.Parse(submit.Arguments);
        return arguments.RootElement.TryGetProperty("summary", out var summary) && summary.ValueKind == JsonValueKind.String ? summary.GetString() : null;
    }
}
