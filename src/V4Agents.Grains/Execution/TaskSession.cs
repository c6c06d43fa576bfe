using V4Agents.Core.Blobs;
using V4Agents.Core.Conversations;
using V4Agents.Core.Repositories;
using V4Agents.Core.Sandboxing;
using V4Agents.Core.Tasks;
using V4Agents.Core.Workflows;

namespace V4Agents.Grains.Execution;

/// <summary>What a running loop keeps at hand: its sandbox connection and the messages it has read. All of it can be got again.</summary>
internal sealed class TaskSession(Workflow workflow) : IAsyncDisposable
{
    private readonly Dictionary<BlobId, (ChatMessage Message, int Bytes)> _messages = [];
    private ISandbox? _sandbox;
    private PreparedRepository? _repository;

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

    /// <exception cref="SandboxException">There is no such container any more: it is lost.</exception>
    public async Task<ISandbox> SandboxAsync(SandboxId id, Workspaces workspaces, CancellationToken cancellationToken) =>
        _sandbox ??= await workspaces.AttachAsync(id, cancellationToken)
            ?? throw new SandboxException($"The container of sandbox {id} is not on this machine's engine any more.", isTransient: false) { IsLost = true };

    /// <summary>The task's commit in this machine's mirror, fetched again when the task began on another machine.</summary>
    /// <exception cref="RepositoryException">The commit cannot be had any more.</exception>
    public async Task<PreparedRepository> RepositoryAsync(TaskState state, IRepositories repositories, CancellationToken cancellationToken)
    {
        var known = state.Repository!; // Prepared before anything is asked of it.
        if (_repository is null && !await repositories.HasAsync(known.Id, known.Commit, cancellationToken))
        {
            var outcome = await repositories.PrepareAsync(state.Submission!.Repository, known.Commit, cancellationToken);
            if (outcome is RepositoryOutcome.Refused refused)
            {
                throw new RepositoryException(
                    $"The commit {known.Commit} is not in this machine's mirror and cannot be fetched again: {refused.Message}",
                    refused.Code == FailureCode.RepositoryUnreachable);
            }
        }

        return _repository ??= known;
    }

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
