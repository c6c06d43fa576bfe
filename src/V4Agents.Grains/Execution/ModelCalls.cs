using System.Security.Cryptography;
using V4Agents.Core.Blobs;
using V4Agents.Core.Budgets;
using V4Agents.Core.Conversations;
using V4Agents.Core.Prompts;
using V4Agents.Core.Tasks;
using V4Agents.Core.Tools;
using V4Agents.Grains.Triage;

namespace V4Agents.Grains.Execution;

/// <summary>Solver and triage calls: what may be spent before, what was spent after.</summary>
internal sealed class ModelCalls(IModelClient client, IPriceBook prices, PatientBlobs blobs, IGrainFactory grains, TimeProvider clock)
{
    /// <summary>Less is not worth a call: the answer would be cut. A budget that is lower is exceeded by this one call at most.</summary>
    private const int LeastOutputTokens = 1_024;

    /// <summary>UTF-8 bytes per token, on the low side for source text, so that estimates err towards more tokens.</summary>
    private const int BytesPerToken = 3;

    public async Task<TaskEvent> IntentAsync(TaskState state, TaskAction.CallModel call, TaskSession session, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var profile = client.Profile(call.Role);
        var (messages, bytes, prompt) = await PromptAsync(state, call.Role, session, cancellationToken);
        var tariff = prices.Quote(profile.Model, now);
        var promptTokens = bytes / BytesPerToken;
        var maxTokens = profile.MaxOutputTokens;
        var reserved = 0m;
        if (tariff is not null)
        {
            var left = state.Submission!.Budget.LeftUsd(state.Spend) - tariff.Cost(new Usage(0, promptTokens, 0, 0));
            var affordable = tariff.OutputPerMillion > 0 ? Math.Floor(Math.Max(0, left) / tariff.OutputPerMillion * 1_000_000m) : maxTokens;
            maxTokens = (int)Math.Clamp(affordable, Math.Min(LeastOutputTokens, maxTokens), maxTokens);
            reserved = tariff.Cost(new Usage(0, promptTokens, maxTokens, 0));
        }

        var body = client.Render(await RequestAsync(state, call.Call, call.Role, messages, maxTokens, cancellationToken));
        return new TaskEvent.ModelCallStarted(
            call.Call, call.Role, profile.Model, profile.Effort, maxTokens, messages.Count, prompt, Convert.ToHexStringLower(SHA256.HashData(body.Span)),
            reserved, now);
    }

    public async Task<IReadOnlyList<TaskEvent>> RunAsync(
        TaskState state, TaskAction.CallModel call, TaskSession session, IProgress<ModelProgress> progress, CancellationToken cancellationToken)
    {
        var profile = client.Profile(call.Role);
        var sentAt = clock.GetUtcNow();
        var maxTokens = state.Open is OpenEffect.ModelCall open ? open.MaxTokens : profile.MaxOutputTokens;
        var (messages, _, _) = await PromptAsync(state, call.Role, session, cancellationToken);
        var request = await RequestAsync(state, call.Call, call.Role, messages, maxTokens, cancellationToken);
        var outcome = call.Role == ModelRole.Triage
            ? await TriageAsync(request, cancellationToken)
            : await client.CompleteAsync(request, progress, cancellationToken);
        return outcome switch
        {
            ModelOutcome.Reply reply => await RecordAsync(call, reply, prices.Quote(profile.Model, sentAt), cancellationToken),
            ModelOutcome.Failure failure => Fail(state, call, failure),
            _ => throw new InvalidOperationException($"Unknown model outcome {outcome.GetType().Name}."),
        };
    }

    /// <summary>
    /// A call whose service died: an answer that had arrived whole on this machine is taken; else the call is booked at its bound as unconfirmed,
    /// because the server cannot be asked, and the policy calls again.
    /// </summary>
    public async Task<IReadOnlyList<TaskEvent>> ReconcileAsync(
        TaskState state, OpenEffect.ModelCall open, TaskSession session, CancellationToken cancellationToken)
    {
        var (messages, _, _) = await PromptAsync(state, open.Role, session, cancellationToken);
        var request = await RequestAsync(state, open.Call, open.Role, messages, open.MaxTokens, cancellationToken);
        return await client.RecoverAsync(request, cancellationToken) is { } reply
            ? await RecordAsync(new TaskAction.CallModel(open.Call, open.Role), reply, prices.Quote(open.Model, open.StartedAt), cancellationToken)
            : [Interrupted(open)];
    }

    /// <summary>The body of a recorded call, made again: with the model and effort it was sent with, whatever is configured now.</summary>
    public async Task<ReadOnlyMemory<byte>> RenderAsync(
        TaskState before, TaskEvent.ModelCallStarted started, TaskSession session, CancellationToken cancellationToken)
    {
        var (messages, _, _) = await PromptAsync(before, started.Role, session, cancellationToken);
        var request = await RequestAsync(before, started.Call, started.Role, messages, started.MaxTokens, cancellationToken);
        return client.Render(request with { Profile = new ModelProfile(started.Model, started.Effort, started.MaxTokens) });
    }

    public TaskEvent Interrupted(OpenEffect.ModelCall open) => new TaskEvent.ModelCallInterrupted(open.Call, open.Role, open.ReservedUsd, clock.GetUtcNow());

    /// <summary>The answer is in the journal, or is not wanted any more.</summary>
    public void Forget(TaskState state, CallId call) => client.Forget(KeyOf(state, call));

    private static string KeyOf(TaskState state, CallId call) => $"{state.Id}.{call}";

    private async Task<ModelRequest> RequestAsync(
        TaskState state, CallId call, ModelRole role, IReadOnlyList<ChatMessage> messages, int maxTokens, CancellationToken cancellationToken) => new(
            role, messages, role == ModelRole.Solver ? MessageCodec.DecodeTools((await blobs.GetAsync(state.Tools!.Value, cancellationToken)).Span) : [], maxTokens)
        {
            Key = KeyOf(state, call),
        };

    private async Task<IReadOnlyList<TaskEvent>> RecordAsync(
        TaskAction.CallModel call, ModelOutcome.Reply reply, Tariff? tariff, CancellationToken cancellationToken)
    {
        var (message, calls) = ReplyCalls.Read(reply.Message, call.Call.Step);
        var blob = await blobs.PutAsync(MessageCodec.Encode(message), cancellationToken);
        // A server that counts no tokens leaves the price unknown, which is not the same as nothing.
        var cost = reply.Usage == Usage.None ? null : tariff?.Cost(reply.Usage);
        var completed = new TaskEvent.ModelCallCompleted(
            call.Call, call.Role, blob, reply.Finish, reply.ServedModel, reply.Usage, cost, tariff?.Book, tariff?.Window,
            call.Role == ModelRole.Solver ? calls : [], clock.GetUtcNow());
        if (call.Role != ModelRole.Triage)
        {
            return [completed];
        }

        var brief = TriageBrief.Read(reply.Message.Content);
        return [completed, new TaskEvent.TriageRecorded(brief is null ? null : await blobs.PutTextAsync(brief, cancellationToken), clock.GetUtcNow())];
    }

    private IReadOnlyList<TaskEvent> Fail(TaskState state, TaskAction.CallModel call, ModelOutcome.Failure failure)
    {
        var now = clock.GetUtcNow();
        var wait = Backoff.After(state.Fault?.InARow ?? 0);
        var failed = new TaskEvent.ModelCallFailed(
            call.Call, call.Role, failure.Kind, failure.Message, now + (failure.RetryAfter > wait ? failure.RetryAfter.Value : wait), now);
        // A call that the server may have worked on is booked at its bound: nobody can be asked what it cost.
        return failure.MayBeBilled && state.Open is OpenEffect.ModelCall open
            ? [Interrupted(open), failed]
            : [failed];
    }

    private async Task<(IReadOnlyList<ChatMessage> Messages, long Bytes, string Prompt)> PromptAsync(
        TaskState state, ModelRole role, TaskSession session, CancellationToken cancellationToken)
    {
        if (role == ModelRole.Solver)
        {
            var (messages, bytes) = await session.MessagesAsync(state.Messages, blobs, cancellationToken);
            return (messages, bytes, state.Prompt);
        }

        var issue = await blobs.GetTextAsync(state.Submission!.Issue, cancellationToken);
        var text = PromptTemplate.Fill(session.Workflow.Prompts.Triage, new Dictionary<string, string> { ["issue"] = Bounded(issue) });
        var message = new ChatMessage.User(text);
        var encoded = MessageCodec.Encode(message);
        return ([message], encoded.Length, PromptChain.Extend("triage", BlobId.Of(encoded)));
    }

    private async Task<ModelOutcome> TriageAsync(ModelRequest request, CancellationToken cancellationToken)
    {
        var ids = new List<BlobId>();
        foreach (var message in request.Messages)
        {
            ids.Add(await blobs.PutAsync(MessageCodec.Encode(message), cancellationToken));
        }

        var answer = await grains.GetGrain<ITriageGrain>(0).ClassifyAsync(new TriageRequest(ids, request.MaxTokens, request.Key), cancellationToken);
        return answer.Failure is { } kind
            ? new ModelOutcome.Failure(kind, answer.Message ?? "The model call failed.", answer.RetryAfter) { MayBeBilled = answer.MayBeBilled }
            : new ModelOutcome.Reply(
                (ChatMessage.Assistant)MessageCodec.Decode((await blobs.GetAsync(answer.Reply!.Value, cancellationToken)).Span),
                answer.Finish, answer.Usage, answer.ServedModel);
    }

    private static string Bounded(string issue)
    {
        const int MaxChars = 40_000;
        return issue.Length <= MaxChars ? issue : issue[..MaxChars] + "\n[cut]";
    }
}
