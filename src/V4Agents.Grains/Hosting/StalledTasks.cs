using System.Globalization;
using Microsoft.Extensions.Options;
using V4Agents.Core.Blobs;
using V4Agents.Core.Journal;
using V4Agents.Core.Sandboxing;
using V4Agents.Core.Tasks;
using V4Agents.Core.Workflows;

namespace V4Agents.Grains.Hosting;

/// <summary>Looks at the rows of all unfinished tasks, and replays the few that have been silent for long: only their state says what they wait for.</summary>
internal sealed class StalledTasks(
    ITaskSummaries summaries, ISandboxRegistry registry, ITaskJournal journal, IBlobStore blobs, IWorkflowReader workflows,
    IOptions<WatchdogOptions> options, TimeProvider clock) : IStalledTasks
{
    public async Task<IReadOnlyList<StalledTask>> ListAsync(CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var abandoned = (await registry.ListAsync(cancellationToken)).Where(row => row.LeaseUntil < now).ToLookup(row => row.Task);
        var stalled = new List<StalledTask>();
        foreach (var task in await summaries.ListUnfinishedAsync(cancellationToken))
        {
            var reason = abandoned[task.Id].FirstOrDefault(row => row.LeaseUntil > task.UpdatedAt) is { } row ? Abandoned(row)
                : now - task.UpdatedAt > options.Value.Threshold ? await UnexplainedAsync(task, now, cancellationToken)
                : null;
            if (reason is not null)
            {
                stalled.Add(new StalledTask(task.Id, task.Title, now - task.UpdatedAt, reason));
            }
        }

        return stalled;
    }

    private static string Abandoned(SandboxRow row) => string.Create(
        CultureInfo.InvariantCulture, $"its sandbox {row.Sandbox} is on engine {row.Engine}, where no service has looked after it since {row.LeaseUntil:u}");

    /// <summary>Null when what the task does or waits for explains its silence.</summary>
    private async Task<string?> UnexplainedAsync(TaskSummary task, DateTimeOffset now, CancellationToken cancellationToken)
    {
        try
        {
            var state = (await journal.ReadAsync(task.Id, afterSeq: 0, cancellationToken)).Aggregate(TaskState.Empty, (folded, entry) => folded.Apply(entry.Event));
            var workflow = workflows.Read(await blobs.GetAsync(state.Submission!.Workflow, cancellationToken)); // What has a summary was submitted.
            return now <= state.MayBeSilentUntil(workflow, options.Value.ModelCall) + options.Value.Threshold
                ? null
                : task.Message is { } message && !task.Activity.Contains(message, StringComparison.Ordinal) ? $"{task.Activity}: {message}" : task.Activity;
        }
        catch (Exception e) when (e is JournalException { IsTransient: false } or WorkflowException or BlobNotFoundException)
        {
            return $"{task.Activity}, but it cannot be replayed: {e.Message}";
        }
    }
}
