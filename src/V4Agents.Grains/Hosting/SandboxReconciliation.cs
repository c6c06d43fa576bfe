using Microsoft.Extensions.Logging;
using V4Agents.Core.Blobs;
using V4Agents.Core.Journal;
using V4Agents.Core.Sandboxing;
using V4Agents.Core.Tasks;
using V4Agents.Grains.Execution;

namespace V4Agents.Grains.Hosting;

/// <summary>
/// One comparison of what this engine holds with what the registry and the tasks say. Containers that no live task owns here are removed, after what
/// they hold was kept; rows without a container are released. Any number of services may do it at once, and dying anywhere in it is made good by the next.
/// </summary>
internal sealed partial class SandboxReconciliation(
    ISandboxes sandboxes, ISandboxRegistry registry, ITaskSummaries summaries, IBlobStore blobs, TimeProvider clock, ILogger<SandboxReconciliation> logger)
{
    private const int AtOnce = 4;

    /// <summary>Between the row and its container lies one creation.</summary>
    private static readonly TimeSpan CreationLimit = TimeSpan.FromMinutes(2);

    private static readonly TimeSpan SnapshotLimit = TimeSpan.FromSeconds(30);

    private readonly HashSet<(SandboxId Sandbox, string Engine)> _reported = [];

    public async Task RoundAsync(CancellationToken cancellationToken)
    {
        var here = await sandboxes.EngineAsync(cancellationToken);
        var instance = await registry.InstanceAsync(cancellationToken);

        // In this order: a row is older than its container, so a container that is found has its row, unless its owner is done with it.
        var found = await sandboxes.ListAsync(instance, cancellationToken);
        var rows = (await registry.ListAsync(cancellationToken)).ToDictionary(row => row.Sandbox);
        await Parallel.ForEachAsync(
            found, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken },
            async (container, token) => await ReconcileAsync(container, rows.GetValueOrDefault(container.Id), here, token));
        await ReleaseEmptyAsync(rows.Values, found, here, cancellationToken);
        if (await sandboxes.RemoveUnusedAsync(instance, cancellationToken) is > 0 and var parts)
        {
            LogUnused(parts);
        }

        ReportAbandoned(rows.Values, here);
    }

    private static bool IsHere(SandboxRow row, string here) => row.Engine == here || row.Engine.Length == 0;

    private async Task ReconcileAsync(SandboxListing container, SandboxRow? row, string here, CancellationToken cancellationToken)
    {
        // Whatever goes wrong with one container: it is looked at again in the next round, and the others are not held up.
        try
        {
            switch (await summaries.FindAsync(container.Task, cancellationToken), row)
            {
                case ({ Finished: false }, { } held) when held.Engine == here:
                    break;
                case ({ Finished: false }, null or { Engine: "" }):
                    // Its row was given up while it was made, or is from before engines had names. It is a live task's, so it is held.
                    await registry.RegisterAsync(container.Id, container.Task, here, cancellationToken);
                    break;
                case ({ Finished: false }, { } renamed) when container.Engine == renamed.Engine:
                    // The engine has another name since (a renamed machine, a moved data directory), and is the same.
                    await registry.RegisterAsync(container.Id, container.Task, here, cancellationToken);
                    break;
                case ({ Finished: false }, { } elsewhere):
                    await KeepAsync(container, cancellationToken);
                    if (await IsElsewhereAsync(container.Id, here, cancellationToken))
                    {
                        LogTakenOver(container.Id, container.Task, elsewhere.Engine);
                        await sandboxes.RemoveAsync(container, cancellationToken);
                    }

                    break;
                case (var task, _):
                    if (task is not { PatchFiles: > 0 })
                    {
                        await KeepAsync(container, cancellationToken);
                    }

                    LogRemoved(container.Id, container.Task, task is null ? "unknown" : "finished");
                    await sandboxes.RemoveAsync(container, cancellationToken);
                    await registry.ReleaseAsync(container.Id, row?.Engine ?? here, cancellationToken);
                    break;
            }
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            LogNotReconciled(container.Id, container.Task, e.Message);
        }
    }

    /// <summary>The task may have come back here while its tree was saved.</summary>
    private async Task<bool> IsElsewhereAsync(SandboxId sandbox, string here, CancellationToken cancellationToken) =>
        (await registry.ListAsync(cancellationToken)).Any(row => row.Sandbox == sandbox && !IsHere(row, here));

    /// <summary>
    /// What the work tree holds and no event does. One try: a container that cannot be saved is removed all the same, or it would stay for ever.
    /// A container of checks holds nothing that is not elsewhere.
    /// </summary>
    /// <exception cref="JournalException">The database is away: there will be another try.</exception>
    private async Task KeepAsync(SandboxListing container, CancellationToken cancellationToken)
    {
        if (container.Id != Workspaces.IdOf(container.Task))
        {
            return;
        }

        using var late = new CancellationTokenSource(SnapshotLimit, clock);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellationToken);
        try
        {
            await using var sandbox = await sandboxes.AttachAsync(container.Id, limit.Token);
            if (sandbox is null || await sandbox.CheckpointAsync(since: null, limit.Token) is not { IsUnchanged: false } dirty)
            {
                return;
            }

            var bundle = await blobs.PutAsync(dirty.Bundle, cancellationToken);
            await registry.KeepOrphanAsync(container.Id, container.Task, dirty.Tree, bundle, cancellationToken);
            LogKept(container.Id, container.Task, dirty.Tree, bundle);
        }
        catch (Exception e) when (e is not JournalException && !cancellationToken.IsCancellationRequested)
        {
            LogNotKept(container.Id, container.Task, late.IsCancellationRequested ? "it did not answer in time" : e.Message);
        }
    }

    private async Task ReleaseEmptyAsync(
        IEnumerable<SandboxRow> rows, IEnumerable<SandboxListing> found, string here, CancellationToken cancellationToken)
    {
        var made = found.Select(container => container.Id).ToHashSet();
        foreach (var row in rows.Where(row => IsHere(row, here) && !made.Contains(row.Sandbox) && clock.GetUtcNow() - row.RegisteredAt > CreationLimit))
        {
            await registry.ReleaseAsync(row, cancellationToken);
            LogReleased(row.Sandbox, row.Task);
        }
    }

    /// <summary>Once for each: nothing can be done about it from here.</summary>
    private void ReportAbandoned(IEnumerable<SandboxRow> rows, string here)
    {
        foreach (var row in rows.Where(row => !IsHere(row, here) && row.LeaseUntil < clock.GetUtcNow() && _reported.Add((row.Sandbox, row.Engine))))
        {
            LogAbandoned(row.Sandbox, row.Task, row.Engine, row.LeaseUntil);
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "Removing sandbox {sandbox} of task {task}, which is {state}.")]
    private partial void LogRemoved(SandboxId sandbox, TaskId task, string state);

    [LoggerMessage(2, LogLevel.Warning, "Removing sandbox {sandbox} of task {task}, which was rebuilt on engine {engine}.")]
    private partial void LogTakenOver(SandboxId sandbox, TaskId task, string engine);

    [LoggerMessage(3, LogLevel.Warning, "Sandbox {sandbox} of task {task} cannot be looked after now, the next round tries again: {message}")]
    private partial void LogNotReconciled(SandboxId sandbox, TaskId task, string message);

    [LoggerMessage(4, LogLevel.Warning, "Kept the work tree {tree} of sandbox {sandbox} (task {task}) as bundle {bundle}.")]
    private partial void LogKept(SandboxId sandbox, TaskId task, string tree, BlobId bundle);

    [LoggerMessage(5, LogLevel.Warning, "The work tree of sandbox {sandbox} (task {task}) cannot be kept: {message}")]
    private partial void LogNotKept(SandboxId sandbox, TaskId task, string message);

    [LoggerMessage(6, LogLevel.Information, "Released sandbox {sandbox} of task {task}: it has no container.")]
    private partial void LogReleased(SandboxId sandbox, TaskId task);

    [LoggerMessage(7, LogLevel.Information, "Removed {count} volumes and networks that no container uses.")]
    private partial void LogUnused(int count);

    [LoggerMessage(8, LogLevel.Warning, "Sandbox {sandbox} of task {task} is on engine {engine}, where no service has looked after it since {until}: "
        + "the task goes on elsewhere, and the container is removed when a service runs there again.")]
    private partial void LogAbandoned(SandboxId sandbox, TaskId task, string engine, DateTimeOffset until);
}
