using V4Agents.Core.Blobs;
using V4Agents.Core.Repositories;
using V4Agents.Core.Sandboxing;
using V4Agents.Core.Tasks;

namespace V4Agents.Grains.Execution;

/// <summary>The task's own sandbox: open it on the commit, take the patch out of it, close it.</summary>
internal sealed class Workspaces(ISandboxes sandboxes, ISandboxRegistry registry, IRepositories repositories, PatientBlobs blobs, TimeProvider clock)
{
    /// <summary>Room after the wall-time budget for the gate and for delivery.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromHours(2);

    private const int MaxMessage = 1_000;

    private static readonly TimeSpan ClosingSnapshotLimit = TimeSpan.FromSeconds(30);

    /// <summary>The container with the task's work tree; those of its checks have other names.</summary>
    public static SandboxId IdOf(TaskId task) => new($"v4-{task}");

    public async Task<TaskEvent> OpenAsync(TaskState state, TaskSession session, CancellationToken cancellationToken)
    {
        var id = IdOf(state);
        var tree = await MadeAsync(session, () => SeededAsync(id, state, session, cancellationToken));
        return new TaskEvent.SandboxOpened(id, tree, clock.GetUtcNow());
    }

    /// <summary>
    /// Null when this machine's engine has no such container, or only one that is out of date because the sandbox was rebuilt on another engine since.
    /// </summary>
    public async Task<ISandbox?> AttachAsync(SandboxId id, CancellationToken cancellationToken)
    {
        var row = (await registry.ListAsync(cancellationToken)).FirstOrDefault(row => row.Sandbox == id);
        return row is not null && row.Engine == await sandboxes.EngineAsync(cancellationToken) ? await sandboxes.AttachAsync(id, cancellationToken) : null;
    }

    /// <summary>
    /// Back to the last checkpoint. A container that still is there keeps what lies outside the work tree; a new one has the repository and the
    /// checkpoints, and what is not restored is named. The tree that comes out is compared with the journal's: an empty sandbox is never swapped in.
    /// </summary>
    public async Task<TaskEvent> RestoreAsync(TaskState state, TaskSession session, CancellationToken cancellationToken)
    {
        var id = IdOf(state.Id);
        await session.DisposeAsync();
        if (state.Sandbox is not null && await AttachAsync(id, cancellationToken) is { } kept)
        {
            await session.UseAsync(kept);
            try
            {
                return await RestoreInAsync(kept, rebuilt: false, state, cancellationToken);
            }
            catch (SandboxException e) when (e is { IsTransient: false, IsLost: false })
            {
                // What the container has of the saved states is damaged: a new one gets them whole.
                await session.DisposeAsync();
            }
        }

        // What an unfinished restoration left is begun anew.
        await sandboxes.RemoveAsync(id, cancellationToken);
        return await MadeAsync(session, async () =>
        {
            var seeded = await SeededAsync(id, state, session, cancellationToken);
            return state.SeedTree is { } wanted && seeded != wanted
                ? throw new SandboxException($"The repository gives the tree {seeded} in a new sandbox, and gave {wanted} in the one that was lost.", isTransient: false)
                : await RestoreInAsync(await session.SandboxAsync(id, this, cancellationToken), rebuilt: true, state, cancellationToken);
        });
    }

    /// <summary>A container that is lost while it is made has nothing to lose: it is made again.</summary>
    private static async Task<T> MadeAsync<T>(TaskSession session, Func<Task<T>> make)
    {
        try
        {
            return await make();
        }
        catch (SandboxException e) when (e.IsLost)
        {
            await session.DisposeAsync();
            throw new SandboxException($"The sandbox was removed while it was made: {e.Message}", isTransient: true, e);
        }
    }

    private async Task<TaskEvent> RestoreInAsync(ISandbox sandbox, bool rebuilt, TaskState state, CancellationToken cancellationToken)
    {
        var chain = state.Checkpoints;
        await sandbox.RestoreAsync(
            [.. chain.Select(it => new WorkspaceCheckpoint(it.Tree, it.Commit, default))],
            (index, token) => blobs.GetAsync(chain[index].Bundle, token), cancellationToken);
        var tree = chain.IsEmpty ? state.SeedTree! : chain[^1].Tree; // A restoration follows an opening.
        return new TaskEvent.SandboxRestored(sandbox.Id, tree, rebuilt, Notice(state, rebuilt), clock.GetUtcNow());
    }

    /// <summary>Null when the work tree is as the last checkpoint has it.</summary>
    public async Task<TaskEvent?> SaveAsync(TaskState state, ISandbox sandbox, CancellationToken cancellationToken)
    {
        try
        {
            var last = state.Checkpoints.IsEmpty ? null : state.Checkpoints[^1].Commit;
            var checkpoint = await sandbox.CheckpointAsync(last, cancellationToken);
            return checkpoint.IsUnchanged
                ? null
                : new TaskEvent.WorkspaceCheckpointed(
                    checkpoint.Tree, checkpoint.Commit, await blobs.PutAsync(checkpoint.Bundle, cancellationToken), checkpoint.Bundle.Length, clock.GetUtcNow());
        }
        catch (SandboxException e) when (e.IsRefusal)
        {
            return new TaskEvent.WorkspaceUnsaved(Bounded(e.Message), clock.GetUtcNow());
        }
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
            return await CaptureAsync(state, await session.SandboxAsync(state.Sandbox!.Value, this, limit.Token), session, limit.Token);
        }
        catch (SandboxException e) when (e.IsRefusal || (state.Conclusion is not null && !e.IsLost))
        {
            return new TaskEvent.PatchCaptured(null, Bounded(e.Message), clock.GetUtcNow());
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

    /// <summary>What a sandbox says of itself may be anything.</summary>
    private static string Bounded(string message) => message.Length <= MaxMessage ? message : message[..MaxMessage];

    private static SandboxId IdOf(TaskState state) => IdOf(state.Id);

    private async Task<string> SeededAsync(SandboxId id, TaskState state, TaskSession session, CancellationToken cancellationToken)
    {
        var engine = await sandboxes.EngineAsync(cancellationToken);
        await registry.RegisterAsync(id, state.Id, engine, cancellationToken);
        var spec = new SandboxSpec(id, state.Id, await registry.InstanceAsync(cancellationToken), state.Submission!.Budget.WallTime + Grace) { Engine = engine };
        var sandbox = await sandboxes.OpenAsync(spec, cancellationToken);
        await session.UseAsync(sandbox);
        var repository = await session.RepositoryAsync(state, repositories, cancellationToken);
        return await sandbox.SeedAsync((tar, token) => repositories.WriteTarAsync(repository.Id, repository.Commit, tar, token), cancellationToken);
    }

    private static string Notice(TaskState state, bool rebuilt)
    {
        var why = state.Origin is not null && state.Sandbox is null ? "this task continues an earlier one in a sandbox of its own" : "the sandbox died and was restored";
        var tree = state.Unsaved is { } unsaved
            ? $"the work tree is as it was when it could last be saved; what finished calls changed after that is lost, because it could not be saved ({unsaved})"
            : state.Checkpoints.IsEmpty ? "the work tree is the untouched commit" : "every file of the work tree that .gitignore does not name is as it was after the last finished call";
        var gone = rebuilt
            ? "gone are running processes, ignored files (build products, installed packages), empty directories, commits you made and repositories you created in the work tree, and everything outside the work tree, /tmp and the home directory included"
            : "gone are running processes and everything in /tmp; the repository's .git, ignored files, repositories you created in the work tree and the home directory are as the interrupted call left them";
        return $"{why}: {tree}; {gone}";
    }

    private async Task<TaskEvent> CaptureAsync(TaskState state, ISandbox sandbox, TaskSession session, CancellationToken cancellationToken)
    {
        var snapshot = await sandbox.SnapshotAsync(cancellationToken);
        var repository = await session.RepositoryAsync(state, repositories, cancellationToken);
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
