using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using V4Agents.Client.Contract;
using V4Agents.Core.Blobs;
using V4Agents.Core.Budgets;
using V4Agents.Core.Conversations;
using V4Agents.Core.Repositories;
using V4Agents.Core.Sandboxing;
using V4Agents.Core.Tasks;
using V4Agents.Core.Workflows;
using V4Agents.Grains.Tasks;
using V4Agents.Service.Workflows;

namespace V4Agents.Service.Api;

/// <summary>Takes a request in: everything that can be known to fail is refused before anything is created.</summary>
internal sealed class TaskIntake(
    IGrainFactory grains, IBlobStore blobs, IWorkflowReader workflows, IRepositories repositories, ISandboxes sandboxes, IModelClient model)
{
    public const string Tenant = "default";

    private const int MaxTitle = 120;

    public async Task<(SubmitAnswer Answer, TaskSummary Task)?> SubmitAsync(
        SubmitBody request, string? key, Action<ProblemHttpResult> refuse, CancellationToken cancellationToken)
    {
        if (RequestFaults.Find(request, key) is { } fault)
        {
            refuse(fault);
            return null;
        }

        var name = request.Workflow ?? WorkflowLibrary.Default;
        var yaml = request.WorkflowYaml is { } text ? Encoding.UTF8.GetBytes(text) : WorkflowLibrary.Find(name);
        if (yaml is null)
        {
            refuse(Problems.Of(FailureCode.WorkflowInvalid, $"There is no workflow '{name}'. The service has: {string.Join(", ", WorkflowLibrary.Names)}."));
            return null;
        }

        Workflow workflow;
        try
        {
            workflow = workflows.Read(yaml);
        }
        catch (WorkflowException e)
        {
            refuse(Problems.Of(FailureCode.WorkflowInvalid, e.Message));
            return null;
        }

        var id = TaskKeys.Of(Tenant, key ?? TaskKeys.Random());
        var grain = grains.GetGrain<ITaskGrain>(id.Value);
        // A repeated request is answered from the record, even while the engine or the model is away.
        if ((key is null || await grain.StatusAsync(cancellationToken) is null) && await UnreadyAsync(request, cancellationToken) is { } unready)
        {
            refuse(unready);
            return null;
        }

        var answer = await grain.SubmitAsync(await PinAsync(request, workflow, yaml, cancellationToken), cancellationToken);
        return (answer, await grain.StatusAsync(cancellationToken) ?? throw new InvalidOperationException($"Task {id} was submitted and has no status."));
    }

    private async Task<ProblemHttpResult?> UnreadyAsync(SubmitBody request, CancellationToken cancellationToken)
    {
        if (model.Missing is { } missing)
        {
            return Problems.Of(FailureCode.ModelKeyMissing, missing);
        }

        if (await sandboxes.ProbeAsync(cancellationToken) is { } engine)
        {
            return Problems.Of(FailureCode.EngineUnavailable, engine);
        }

        return await repositories.ProbeAsync(request.Repository!, request.Ref, cancellationToken) is { } refused
            ? Problems.Of(refused.Code, refused.Message)
            : null;
    }

    private async Task<TaskSubmission> PinAsync(SubmitBody request, Workflow workflow, byte[] yaml, CancellationToken cancellationToken)
    {
        var asked = request.Budget ?? new BudgetBody();
        var budget = new Budget(
            asked.Steps ?? workflow.Budget.Steps, asked.Usd ?? workflow.Budget.Usd,
            asked.WallTimeMinutes is { } minutes ? TimeSpan.FromMinutes(minutes) : workflow.Budget.WallTime);
        var sha = Convert.ToHexStringLower(SHA256.HashData(yaml));
        var hashed = JsonSerializer.SerializeToUtf8Bytes(
            request with { Workflow = null, WorkflowYaml = sha, Budget = new BudgetBody(budget.Steps, budget.Usd, budget.WallTime.TotalMinutes) },
            ContractJson.Options);
        return new TaskSubmission(
            Tenant, request.Repository!, request.Ref, TitleOf(request), await blobs.PutTextAsync(request.Issue!, cancellationToken), workflow.Name, sha,
            await blobs.PutAsync(yaml, cancellationToken), [.. request.Checks!], budget, Convert.ToHexStringLower(SHA256.HashData(hashed)))
        {
            Branch = request.Branch,
            Approval = request.Approval ?? false,
        };
    }

    private static string TitleOf(SubmitBody request)
    {
        var title = string.IsNullOrWhiteSpace(request.Title) ? request.Issue!.Trim().Split('\n')[0].TrimStart('#') : request.Title;
        title = string.Concat(title.Select(c => char.IsControl(c) ? ' ' : c)).Trim();
        return title.Length <= MaxTitle ? title : title[..MaxTitle] + "…";
    }
}
