using V4Agents.Core.Blobs;
using V4Agents.Core.Repositories;
using V4Agents.Core.Sandboxing;
using V4Agents.Core.Tasks;

namespace V4Agents.Grains.Execution;

/// <summary>The task's own sandbox: open it on the commit, take the patch out of it, close it.</summary>
internal sealed class Workspaces(ISandboxes sandboxes, ISandboxRegistry registry, IRepositories repositories, IBlobStore blobs, TimeProvider clock)
{
    /// <summary>Room after the wall-time budget for the gate and for delivery.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromHours(2);

    private static readonly TimeSpan ClosingSnapshotLimit = TimeSpan.FromSeconds(30);

    public async Task<TaskEvent> OpenAsync(TaskState state, TaskSession session, CancellationToken cancellationToken)
    {
        var id = new SandboxId($"v4-{state.Id}");
        await registry.RegisterAsync(id, state.Id, cancellationToken);
        var spec = new SandboxSpec(id, state.Id, await registry.InstanceAsync(cancellationToken), state.Submission!.Budget.WallTime + Grace);
        var sandbox = await sandboxes.OpenAsync(spec, cancellationToken);
        await session.UseAsync(sandbox);
        var repository = state.Repository!;
        var tree = await sandbox.SeedAsync((tar, token) => repositories.WriteTarAsync(repository.Id, repository.Commit, tar, token), cancellationToken);
        return new TaskEvent.SandboxOpened(id, tree, clock.GetUtcNow());
    }

    public async Task<TaskEvent> CaptureAsync(TaskState state, TaskSession session, CancellationToken cancellationToken)
    {
        // A task that has its outcome must not hang on a busy or broken container for the sake of a partial patch.
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        if (state.Conclusion is not null)
        {
            limit.CancelAfter(ClosingSnapshotLimit);
        }

        try
        {
            return await CaptureAsync(state, await session.SandboxAsync(state.Sandbox!.Value, sandboxes, limit.Token), limit.Token);
        }
        catch (SandboxException e) when (e.IsRefusal || state.Conclusion is not null)
        {
            return new TaskEvent.PatchCaptured(null, e.Message, clock.GetUtcNow());
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            return new TaskEvent.PatchCaptured(null, "The sandbox did not answer in time.", clock.GetUtcNow());
        }
    }

    public async Task<TaskEvent> CloseAsync(TaskState state, TaskSession session, CancellationToken cancellationToken)
    {
        var id = state.Sandbox!.Value;
        await session.DisposeAsync();
        await sandboxes.RemoveAsync(id, cancellationToken);
        await registry.ReleaseAsync(id, cancellationToken);
        return new TaskEvent.SandboxClosed(id, clock.GetUtcNow());
    }

    private async Task<TaskEvent> CaptureAsync(TaskState state, ISandbox sandbox, CancellationToken cancellationToken)
    {
        var snapshot = await sandbox.SnapshotAsync(cancellationToken);
        var repository = state.Repository!;
        return await repositories.BuildPatchAsync(repository.Id, repository.Commit, snapshot, PatchLimits.Default, cancellationToken) switch
        {
            PatchOutcome.Built built => new TaskEvent.PatchCaptured(
                new PatchSummary(await blobs.PutAsync(built.Diff, cancellationToken), built.Tree, snapshot.Tree, built.Files, built.Additions, built.Deletions),
                null, clock.GetUtcNow()),
            PatchOutcome.Refused refused => new TaskEvent.PatchCaptured(null, refused.Reason, clock.GetUtcNow()),
            _ => new TaskEvent.PatchCaptured(null, null, clock.GetUtcNow()),
        };
    }
}
