using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using V4Agents.Client.Contract;
using V4Agents.Core.Blobs;
using V4Agents.Core.Journal;
using V4Agents.Grains.Execution;
using V4Agents.Grains.Tasks;

namespace V4Agents.Service.Api;

/// <summary>What people do to a running task. Each is a committed fact when it is answered.</summary>
internal static class TaskControls
{
    private const int MaxText = 100_000;

    public static void MapTaskControls(this RouteGroupBuilder task)
    {
        Post("cancel", CancelAsync, "Stop the task and its spending.");
        Post("pause", PauseAsync, "Bring what runs to its end and begin nothing new.");
        Post("resume", ResumeAsync, "Go on after a pause.");
        Post("say", SayAsync, "Tell the model something at the next boundary between its replies.");
        Post("approve", ApproveAsync, "Answer the question that the task waits with.");
        task.MapPost("/fork", ForkAsync).WithName("fork").WithSummary("A new task that goes on from a step of this one, with its conversation and its files.")
            .Produces<TaskBody>(StatusCodes.Status201Created).Produces<TaskBody>().ProducesProblem(StatusCodes.Status409Conflict)
            .ProducesProblem(StatusCodes.Status400BadRequest);
        task.MapGet("/replay", ReplayAsync).WithName("replay").WithSummary("Every model request, made again from the journal without a model call.")
            .Produces<IReadOnlyList<ReplayedCallBody>>();
        task.MapGet("/replay/{seq:long}", ReplayedBodyAsync).WithName("replay-body").WithSummary("The body of one model request, byte for byte.")
            .Produces<string>(StatusCodes.Status200OK, "application/json");

        void Post(string verb, Delegate handler, string summary) => task.MapPost($"/{verb}", handler).WithName(verb).WithSummary(summary)
            .Produces<TaskBody>().ProducesProblem(StatusCodes.Status409Conflict).ProducesProblem(StatusCodes.Status400BadRequest);
    }

    private static async Task<IResult> CancelAsync(
        string id, [FromServices] IGrainFactory grains, [FromServices] ITaskSummaries summaries, CancellationToken cancellationToken, CancelRequest? request = null)
    {
        if (await TasksApi.FindAsync(id, grains, summaries, cancellationToken) is not { Finished: var finished })
        {
            return Problems.NotFound(id);
        }

        if (!finished)
        {
            await grains.GetGrain<ITaskGrain>(id).CancelAsync(string.IsNullOrWhiteSpace(request?.Reason) ? "asked for" : request.Reason, cancellationToken);
        }

        return TypedResults.Ok(await TasksApi.FindAsync(id, grains, summaries, cancellationToken));
    }

    private static Task<IResult> PauseAsync(
        string id, [FromServices] IGrainFactory grains, [FromServices] ITaskSummaries summaries, CancellationToken cancellationToken, PauseBody? request = null) =>
        ControlAsync(
            id, grains, summaries, grain => grain.PauseAsync(string.IsNullOrWhiteSpace(request?.Reason) ? "asked for" : request.Reason, cancellationToken),
            "is cancelled or has its outcome: there is nothing to pause", cancellationToken);

    private static Task<IResult> ResumeAsync(
        string id, [FromServices] IGrainFactory grains, [FromServices] ITaskSummaries summaries, CancellationToken cancellationToken) =>
        ControlAsync(id, grains, summaries, grain => grain.ResumeAsync(cancellationToken), "is cancelled or has its outcome: there is nothing to resume", cancellationToken);

    private static async Task<IResult> SayAsync(
        string id, SayBody request, [FromServices] IGrainFactory grains, [FromServices] ITaskSummaries summaries, [FromServices] IBlobStore blobs,
        CancellationToken cancellationToken)
    {
        if (TextFault(request.Text, required: true) is { } fault)
        {
            return fault;
        }

        var message = await UserText.PutAsync(blobs, request.Text!, cancellationToken);
        return await ControlAsync(
            id, grains, summaries, grain => grain.SayAsync(message, UserText.FirstWords(request.Text!), cancellationToken),
            $"is cancelled or has its outcome: the model hears nothing any more. Fork it to go on from one of its steps (v4 fork {id})", cancellationToken);
    }

    private static async Task<IResult> ApproveAsync(
        string id, ApproveBody request, [FromServices] IGrainFactory grains, [FromServices] ITaskSummaries summaries, [FromServices] IBlobStore blobs,
        CancellationToken cancellationToken)
    {
        if (request.Approved is not { } approved)
        {
            return Problems.Of("request_invalid", StatusCodes.Status400BadRequest, "'approved' is missing: true or false.");
        }

        if (TextFault(request.Comment, required: false) is { } fault)
        {
            return fault;
        }

        var message = !approved && !string.IsNullOrWhiteSpace(request.Comment)
            ? await UserText.PutAsync(blobs, $"The gate passed, but a person who looked at the patch wants a change before it is accepted:\n\n{request.Comment}", cancellationToken)
            : (BlobId?)null;
        return await ControlAsync(
            id, grains, summaries, grain => grain.ApproveAsync(request.Number, approved, request.Comment, message, cancellationToken), "does not wait for this approval", cancellationToken);
    }

    private static async Task<IResult> ForkAsync(
        string id, ForkBody request, [FromHeader(Name = "Idempotency-Key")] string? key, [FromServices] TaskForks forks, CancellationToken cancellationToken)
    {
        if (TextFault(request.Text, required: false) is { } fault)
        {
            return fault;
        }

        ProblemHttpResult? refused = null;
        return await forks.ForkAsync(id, request, key, problem => refused = problem, cancellationToken) switch
        {
            (SubmitAnswer.Created, var task) => TypedResults.Created($"/v1/tasks/{task.Id}", task.ToBody()),
            (SubmitAnswer.AlreadySubmitted, var task) => TypedResults.Ok(task.ToBody()),
            (_, var task) => Problems.Of(
                "conflict", StatusCodes.Status409Conflict, $"The idempotency key belongs to task {task.Id}, which was submitted with another request. Use another key."),
            null => refused!, // Refusing is how a fork answers null.
        };
    }

    private static async Task<IResult> ReplayAsync(string id, [FromServices] Replays replays, CancellationToken cancellationToken) =>
        Core.Tasks.TaskId.IsValid(id) && await replays.ListAsync(new(id), cancellationToken) is { Count: > 0 } calls
            ? TypedResults.Ok(calls.Select(call => new ReplayedCallBody(
                call.Seq, call.Started.Call.Step, call.Started.Call.Attempt, call.Started.Role.ToString().ToLowerInvariant(), call.Started.Model, call.Started.Messages,
                call.Bytes, call.Sha256, call.Started.Body, call.Started.Body == call.Sha256)).ToList())
            : Problems.Of("task_not_found", StatusCodes.Status404NotFound, $"There is no task '{id}' that has called a model.");

    private static async Task<IResult> ReplayedBodyAsync(string id, long seq, [FromServices] Replays replays, CancellationToken cancellationToken) =>
        Core.Tasks.TaskId.IsValid(id) && await replays.BodyAsync(new(id), seq, cancellationToken) is { } body
            ? TypedResults.Bytes(body, "application/json")
            : Problems.Of("task_not_found", StatusCodes.Status404NotFound, $"There is no task '{id}' whose event {seq} began a model call.");

    private static async Task<IResult> ControlAsync(
        string id, IGrainFactory grains, ITaskSummaries summaries, Func<ITaskGrain, Task<bool>> act, string otherwise, CancellationToken cancellationToken)
    {
        if (await TasksApi.FindAsync(id, grains, summaries, cancellationToken) is not { } found)
        {
            return Problems.NotFound(id);
        }

        return !found.Finished && await act(grains.GetGrain<ITaskGrain>(id))
            ? TypedResults.Ok(await TasksApi.FindAsync(id, grains, summaries, cancellationToken))
            : Problems.Of("conflict", StatusCodes.Status409Conflict, $"Task {id} {otherwise}.");
    }

    private static ProblemHttpResult? TextFault(string? text, bool required) => text switch
    {
        null or "" when !required => null,
        _ when string.IsNullOrWhiteSpace(text) => Problems.Of("request_invalid", StatusCodes.Status400BadRequest, "'text' is empty: there is nothing to say."),
        { Length: > MaxText } => Problems.Of("request_invalid", StatusCodes.Status400BadRequest, $"The text has more than {MaxText} characters."),
        _ => null,
    };
}
