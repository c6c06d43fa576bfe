using V4Agents.Core.Blobs;
using V4Agents.Core.Conversations;
using V4Agents.Core.Packing;
using V4Agents.Core.Prompts;
using V4Agents.Core.Repositories;
using V4Agents.Core.Tasks;
using V4Agents.Core.Tools;
using V4Agents.Core.Verification;

namespace V4Agents.Grains.Execution;

/// <summary>The frozen beginning of a task's prompt, and the service's own later words in it.</summary>
internal sealed class Conversations(IRepositories repositories, PatientBlobs blobs, TimeProvider clock)
{
    /// <summary>The pack comes before the issue: every task on the same commit then shares the longest prefix.</summary>
    public async Task<TaskEvent> OpenAsync(TaskState state, TaskSession session, CancellationToken cancellationToken)
    {
        var prompts = session.Workflow.Prompts;
        var submission = state.Submission!;
        var values = new Dictionary<string, string>
        {
            ["repository"] = submission.Repository,
            ["ref"] = state.Repository!.Ref,
            ["commit"] = state.Repository.Commit,
            ["checks"] = string.Join('\n', submission.Checks),
            ["baseline"] = await BaselineAsync(state, cancellationToken),
            ["triage"] = state.Brief is { } brief ? await blobs.GetTextAsync(brief, cancellationToken) : "none",
            ["issue"] = await blobs.GetTextAsync(submission.Issue, cancellationToken),
            ["pack"] = await PackAsync(await session.RepositoryAsync(state, repositories, cancellationToken), session, cancellationToken),
        };
        ChatMessage[] messages = [new ChatMessage.System(prompts.System), new ChatMessage.User(PromptTemplate.Fill(prompts.Task, values))];
        var ids = new List<BlobId>();
        foreach (var message in messages)
        {
            ids.Add(await blobs.PutAsync(MessageCodec.Encode(message), cancellationToken));
        }

        return new TaskEvent.ConversationOpened(ids, await blobs.PutAsync(MessageCodec.EncodeTools(ToolCatalog.All), cancellationToken), clock.GetUtcNow());
    }

    public async Task<TaskEvent> NudgeAsync(NudgeReason reason, TaskSession session, CancellationToken cancellationToken)
    {
        var text = reason == NudgeReason.Cut ? session.Workflow.Prompts.Cut : session.Workflow.Prompts.Nudge;
        var message = await blobs.PutAsync(MessageCodec.Encode(new ChatMessage.User(text)), cancellationToken);
        return new TaskEvent.Nudged(reason.ToString().ToLowerInvariant(), message, clock.GetUtcNow());
    }

    private async Task<string> PackAsync(PreparedRepository repository, TaskSession session, CancellationToken cancellationToken)
    {
        var files = await repositories.ListAsync(repository.Id, repository.Commit, cancellationToken);
        var chosen = RepositoryPack.Choose(files, session.Workflow.PackBytes);
        var contents = await repositories.ReadAsync(repository.Id, [.. chosen.Select(file => file.Blob)], cancellationToken);
        return RepositoryPack.Render(files, chosen, contents);
    }

    private async Task<string> BaselineAsync(TaskState state, CancellationToken cancellationToken)
    {
        var result = VerificationCodec.Decode((await blobs.GetAsync(state.Baseline!.Result, cancellationToken)).Span);
        var outputs = new List<string>();
        foreach (var run in result.Runs)
        {
            outputs.Add(await blobs.GetTextAsync(new BlobId(run.OutputBlob), cancellationToken));
        }

        return Verdict.Describe(result, outputs);
    }
}
