using Orleans.Concurrency;
using V4Agents.Core.Blobs;
using V4Agents.Core.Budgets;
using V4Agents.Core.Conversations;

namespace V4Agents.Grains.Triage;

[StatelessWorker]
internal sealed class TriageGrain(IModelClient client, IBlobStore blobs) : Grain, ITriageGrain
{
    public async Task<TriageAnswer> ClassifyAsync(TriageRequest request, CancellationToken cancellationToken)
    {
        var messages = new List<ChatMessage>();
        foreach (var id in request.Messages)
        {
            messages.Add(MessageCodec.Decode((await blobs.GetAsync(id, cancellationToken)).Span));
        }

        var outcome = await client.CompleteAsync(
            new ModelRequest(ModelRole.Triage, messages, [], request.MaxTokens) { Key = request.Key }, new Progress<ModelProgress>(), cancellationToken);
        return outcome switch
        {
            ModelOutcome.Reply reply => new TriageAnswer(
                await blobs.PutAsync(MessageCodec.Encode(reply.Message), cancellationToken), reply.Finish, reply.Usage, reply.ServedModel, null, null, null),
            ModelOutcome.Failure failure => new TriageAnswer(
                null, FinishReason.Stop, Usage.None, "", failure.Kind, failure.Message, failure.RetryAfter, failure.MayBeBilled),
            _ => throw new InvalidOperationException($"Unknown model outcome {outcome.GetType().Name}."),
        };
    }
}
