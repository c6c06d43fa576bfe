using V4Agents.Core.Blobs;
using V4Agents.Core.Conversations;
using V4Agents.Core.Sandboxing;
using V4Agents.Core.Workflows;

namespace V4Agents.Grains.Execution;

/// <summary>What a running loop keeps at hand: its sandbox connection and the messages it has read. All of it can be got again.</summary>
internal sealed class TaskSession(Workflow workflow) : IAsyncDisposable
{
    private readonly Dictionary<BlobId, (ChatMessage Message, int Bytes)> _messages = [];
    private ISandbox? _sandbox;

    public Workflow Workflow { get; } = workflow;

    public async Task<(IReadOnlyList<ChatMessage> Messages, long Bytes)> MessagesAsync(
        IEnumerable<BlobId> ids, IBlobStore blobs, CancellationToken cancellationToken)
    {
        var messages = new List<ChatMessage>();
        var bytes = 0L;
        foreach (var id in ids)
        {
            if (!_messages.TryGetValue(id, out var known))
            {
                var stored = await blobs.GetAsync(id, cancellationToken);
                _messages[id] = known = (MessageCodec.Decode(stored.Span), stored.Length);
            }

            messages.Add(known.Message);
            bytes += known.Bytes;
        }

        return (messages, bytes);
    }

    /// <exception cref="SandboxException">There is no such container any more.</exception>
    public async Task<ISandbox> SandboxAsync(SandboxId id, ISandboxes sandboxes, CancellationToken cancellationToken) =>
        _sandbox ??= await sandboxes.AttachAsync(id, cancellationToken)
            ?? throw new SandboxException(
                $"The sandbox {id} is gone: its container was removed from outside. What it held and no event recorded is lost; submit the task again.",
                isTransient: false);

    public async Task UseAsync(ISandbox sandbox)
    {
        await DisposeAsync();
        _sandbox = sandbox;
    }

    public async ValueTask DisposeAsync()
    {
        if (_sandbox is { } sandbox)
        {
            _sandbox = null;
            await sandbox.DisposeAsync();
        }
    }
}
