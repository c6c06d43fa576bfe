using V4Agents.Core.Budgets;
using V4Agents.Core.Conversations;

namespace V4Agents.TestKit.Fakes;

/// <summary>
/// Answers by the number of assistant turns in the request, so that a repeated call gets the same answer; keeps every request and
/// checks that each tool call in the history has exactly one answer and that prompts only grow.
/// </summary>
public sealed class ScriptedModel(params ModelOutcome[] solver) : IModelClient, IPriceBook
{
    private IReadOnlyList<ChatMessage> _longest = [];

    public List<ModelRequest> Requests { get; } = [];

    /// <summary>Awaited inside every call; lets a test hold one.</summary>
    public Func<ModelRequest, CancellationToken, Task> Gate { get; set; } = (_, _) => Task.CompletedTask;

    public Func<ModelRequest, ModelOutcome?> Instead { get; set; } = _ => null;

    public string? Missing => null;

    public static ModelOutcome Calls(params (string Name, string Arguments)[] calls) => new ModelOutcome.Reply(
        new ChatMessage.Assistant("I think.", null, [.. calls.Select((call, i) => new ToolCall($"call_0{i}", call.Name, call.Arguments))]),
        FinishReason.ToolCalls, new Usage(0, 100, 10, 5), "deepseek-v4-pro");

    public static ModelOutcome Says(string content, FinishReason finish = FinishReason.Stop) => new ModelOutcome.Reply(
        new ChatMessage.Assistant("I think.", content, []), finish, new Usage(0, 100, 10, 5), "deepseek-v4-pro");

    public ModelProfile Profile(ModelRole role) => new(role == ModelRole.Solver ? "deepseek-v4-pro" : "deepseek-flash", "max", 1_000);

    public Tariff? Quote(string model, DateTimeOffset at) => new("test-book", "flat", 1, 1, 1);

    public async Task<ModelOutcome> CompleteAsync(ModelRequest request, IProgress<ModelProgress> progress, CancellationToken cancellationToken)
    {
        CheckProtocol(request);
        Requests.Add(request);
        await Gate(request, cancellationToken);
        if (Instead(request) is { } other)
        {
            return other;
        }

        var turn = request.Messages.Count(message => message is ChatMessage.Assistant);
        var answer = request.Role == ModelRole.Triage ? Says("""{"kind":"bug","summary":"a bug"}""")
            : turn < solver.Length ? solver[turn]
            : throw new InvalidOperationException($"The script has no turn {turn}.");
        if (request.Key is { } key && answer is ModelOutcome.Reply whole)
        {
            Kept[key] = whole;
        }

        return answer;
    }

    /// <summary>Answers that arrived whole, by the call's key, as a machine would keep them over a restart of the service.</summary>
    public Dictionary<string, ModelOutcome.Reply> Kept { get; } = [];

    public Task<ModelOutcome.Reply?> RecoverAsync(ModelRequest request, CancellationToken cancellationToken) =>
        Task.FromResult(request.Key is { } key ? Kept.GetValueOrDefault(key) : null);

    public void Forget(string key) => Kept.Remove(key);

    public ReadOnlyMemory<byte> Render(ModelRequest request) => request.Messages.SelectMany(message => MessageCodec.Encode(message)).ToArray();

    private void CheckProtocol(ModelRequest request)
    {
        if (request.Role != ModelRole.Solver)
        {
            return;
        }

        var common = Math.Min(_longest.Count, request.Messages.Count);
        for (var i = 0; i < common; i++)
        {
            if (!MessageCodec.Encode(_longest[i]).AsSpan().SequenceEqual(MessageCodec.Encode(request.Messages[i])))
            {
                throw new InvalidOperationException($"Message {i} of the prompt changed between two requests.");
            }
        }

        _longest = request.Messages.Count > _longest.Count ? request.Messages : _longest;
        var open = new Queue<string>();
        foreach (var message in request.Messages)
        {
            if (message is ChatMessage.ToolResult result)
            {
                if (!open.TryDequeue(out var expected) || expected != result.CallId)
                {
                    throw new InvalidOperationException($"The tool message {result.CallId} answers no open call.");
                }
            }
            else if (open.Count > 0)
            {
                throw new InvalidOperationException($"The call {open.Peek()} has no answer.");
            }

            foreach (var call in (message as ChatMessage.Assistant)?.ToolCalls ?? [])
            {
                open.Enqueue(call.Id);
            }
        }
    }
}
