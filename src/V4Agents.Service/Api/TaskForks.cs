using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using V4Agents.Client.Contract;
using V4Agents.Core.Blobs;
using V4Agents.Core.Journal;
using V4Agents.Core.Tasks;
using V4Agents.Grains.Tasks;

namespace V4Agents.Service.Api;

/// <summary>Finds the place to cut a task's journal, and begins a new task from there.</summary>
internal sealed class TaskForks(IGrainFactory grains, ITaskJournal journal, IBlobStore blobs)
{
    public async Task<(SubmitAnswer Answer, TaskSummary Task)?> ForkAsync(
        string source, ForkBody request, string? key, Action<ProblemHttpResult> refuse, CancellationToken cancellationToken)
    {
        var events = TaskId.IsValid(source)
            ? (await journal.ReadAsync(new TaskId(source), afterSeq: 0, cancellationToken)).Select(entry => entry.Event).ToList()
            : [];
        if (events.Count == 0)
        {
            refuse(Problems.NotFound(source));
            return null;
        }

        if (RequestFaults.Find(request.Budget, key) is { } fault)
        {
            refuse(fault);
            return null;
        }

        var state = events.Aggregate(TaskState.Empty, (folded, e) => folded.Apply(e));
        var step = request.Step ?? LastStep(events, state);
        if (ForkPoints.After(events, step) is not { } upTo)
        {
            refuse(Problems.Of(
                "request_invalid", StatusCodes.Status400BadRequest,
                $"Task {source} has no finished step {step}: it can be forked after the steps 0 to {LastStep(events, state)}."));
            return null;
        }

        var own = state.Submission!.Budget; // A journal begins with a submission.
        var asked = request.Budget ?? new BudgetBody();
        var budget = new Core.Budgets.Budget(
            asked.Steps ?? own.Steps, asked.Usd ?? own.Usd, asked.WallTimeMinutes is { } minutes ? TimeSpan.FromMinutes(minutes) : own.WallTime);
        var text = string.IsNullOrWhiteSpace(request.Text) ? null : request.Text;
        var message = text is null ? (BlobId?)null : await UserText.PutAsync(blobs, text, cancellationToken);
        var hash = Convert.ToHexStringLower(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(new { source, request.Step, text, budget })));
        var id = TaskKeys.Of(TaskIntake.Tenant, key ?? TaskKeys.Random());
        var grain = grains.GetGrain<ITaskGrain>(id.Value);
        var answer = await grain.ForkAsync(
            new ForkRequest(new TaskId(source), upTo, step, budget, message, text is null ? null : UserText.FirstWords(text), hash), cancellationToken);
        return (answer, await grain.StatusAsync(cancellationToken) ?? throw new InvalidOperationException($"Task {id} was forked and has no status."));
    }

    private static int LastStep(List<TaskEvent> events, TaskState state)
    {
        var step = state.Step;
        while (step > 0 && ForkPoints.After(events, step) is null)
        {
            step--;
        }

        return step;
    }
}
