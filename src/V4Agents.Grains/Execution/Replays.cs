using System.Security.Cryptography;
using V4Agents.Core.Blobs;
using V4Agents.Core.Journal;
using V4Agents.Core.Tasks;
using V4Agents.Core.Workflows;

namespace V4Agents.Grains.Execution;

/// <summary>A task's model requests made again from its journal, without a model: what the model saw is what the journal holds.</summary>
public sealed class Replays
{
    private readonly ITaskJournal _journal;
    private readonly IBlobStore _blobs;
    private readonly IWorkflowReader _workflows;
    private readonly ModelCalls _models;

    internal Replays(ITaskJournal journal, IBlobStore blobs, IWorkflowReader workflows, ModelCalls models) =>
        (_journal, _blobs, _workflows, _models) = (journal, blobs, workflows, models);

    public async Task<IReadOnlyList<ReplayedCall>> ListAsync(TaskId task, CancellationToken cancellationToken)
    {
        var calls = new List<ReplayedCall>();
        await foreach (var (seq, started, body) in ReadAsync(task, only: null, cancellationToken))
        {
            calls.Add(new ReplayedCall(seq, started, body.Length, Convert.ToHexStringLower(SHA256.HashData(body.Span))));
        }

        return calls;
    }

    /// <summary>Null when the event did not begin a model call.</summary>
    public async Task<ReadOnlyMemory<byte>?> BodyAsync(TaskId task, long seq, CancellationToken cancellationToken)
    {
        await foreach (var (_, _, body) in ReadAsync(task, only: seq, cancellationToken))
        {
            return body;
        }

        return null;
    }

    private async IAsyncEnumerable<(long Seq, TaskEvent.ModelCallStarted Started, ReadOnlyMemory<byte> Body)> ReadAsync(
        TaskId task, long? only, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var entries = await _journal.ReadAsync(task, afterSeq: 0, cancellationToken);
        var state = TaskState.Empty;
        TaskSession? session = null;
        foreach (var entry in entries)
        {
            if (entry.Event is TaskEvent.ModelCallStarted started && (only is null || only == entry.Seq))
            {
                session ??= new TaskSession(_workflows.Read(await _blobs.GetAsync(state.Submission!.Workflow, cancellationToken))); // The first event submits.
                yield return (entry.Seq, started, await _models.RenderAsync(state, started, session, cancellationToken));
            }

            state = state.Apply(entry.Event);
        }
    }
}
