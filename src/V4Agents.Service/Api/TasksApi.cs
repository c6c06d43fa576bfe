using System.ComponentModel;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using V4Agents.Client.Contract;
using V4Agents.Core.Blobs;
using V4Agents.Core.Journal;
using V4Agents.Core.Tasks;
using V4Agents.Grains.Hosting;
using V4Agents.Grains.Tasks;

namespace V4Agents.Service.Api;

/// <summary>Tasks over HTTP.</summary>
internal static class TasksApi
{
    private const string EventStream = "text/event-stream";

    public static IServiceCollection AddTasksApi(this IServiceCollection services)
    {
        services.ConfigureHttpJsonOptions(json => ContractJson.Configure(json.SerializerOptions));
        services.Configure<RouteHandlerOptions>(routes => routes.ThrowOnBadRequest = true);
        services.AddProblemDetails();
        services.AddExceptionHandler<FailureHandler>();
        services.AddSingleton<TaskIntake>();
        services.AddSingleton<TaskForks>();
        services.AddSingleton<TaskEvents>();
        services.AddOpenApi("v1", ApiDocument.Describe);
        return services;
    }

    public static WebApplication MapTasksApi(this WebApplication app)
    {
        app.UseExceptionHandler();
        app.UseStatusCodePages(context => Problems.OfRouting(context.HttpContext).ExecuteAsync(context.HttpContext));
        app.MapOpenApi();
        app.MapGet("/healthz", () => TypedResults.Text("ok")).ExcludeFromDescription();
        var tasks = app.MapGroup("/v1/tasks").WithTags("tasks").ProducesProblem(StatusCodes.Status503ServiceUnavailable);
        tasks.MapPost("/", SubmitAsync).WithName("submit").WithSummary("Submit a task; the same Idempotency-Key is the same task.")
            .Produces<TaskBody>(StatusCodes.Status201Created).Produces<TaskBody>()
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status409Conflict)
            .ProducesProblem(StatusCodes.Status422UnprocessableEntity);
        tasks.MapGet("/", ListAsync).WithName("list").WithSummary("Tasks, newest first.");
        var task = tasks.MapGroup("/{id}").ProducesProblem(StatusCodes.Status404NotFound);
        task.MapGet("/", GetAsync).WithName("get").WithSummary("One task, and what it does at this moment.").Produces<TaskBody>();
        task.MapGet("/events", EventsAsync).WithName("events")
            .WithSummary("The task's events after a sequence number: a stream that ends when the task does, or a JSON array.")
            .Produces(StatusCodes.Status200OK, typeof(IReadOnlyList<EventBody>), EventStream, "application/json");
        MapResult(task, "patch", "text/x-diff", delivered => delivered.Patch).WithSummary("The patch, as git apply takes it.");
        MapResult(task, "report", "text/markdown", delivered => delivered.Report).WithSummary("The report, for people.");
        MapResult(task, "receipt", "application/json", delivered => delivered.Receipt).WithSummary("The evidence, for programs.");
        task.MapTaskControls();
        app.MapGet("/v1/stalled", StalledAsync).WithTags("tasks").WithName("stalled").WithSummary("Unfinished tasks without progress, and why.");
        return app;
    }

    private static async Task<IResult> SubmitAsync(
        SubmitBody request, [FromHeader(Name = "Idempotency-Key")] string? key, [FromServices] TaskIntake intake, CancellationToken cancellationToken)
    {
        ProblemHttpResult? refused = null;
        return await intake.SubmitAsync(request, key, problem => refused = problem, cancellationToken) switch
        {
            (SubmitAnswer.Created, var task) => TypedResults.Created($"/v1/tasks/{task.Id}", task.ToBody()),
            (SubmitAnswer.AlreadySubmitted, var task) => TypedResults.Ok(task.ToBody()),
            (_, var task) => Problems.Of(
                "conflict", StatusCodes.Status409Conflict, $"The idempotency key belongs to task {task.Id}, which was submitted with another request. Use another key."),
            null => refused!, // Refusing is how intake answers null.
        };
    }

    private static async Task<Ok<TaskPage>> ListAsync(
        [FromServices] ITaskSummaries summaries, CancellationToken cancellationToken,
        [Description("1 to 200")] int limit = 50, [Description("The previous page's next")] string? before = null)
    {
        limit = Math.Clamp(limit, 1, 200);
        var rows = await summaries.ListAsync(TaskIntake.Tenant, TaskId.IsValid(before) ? new TaskId(before!) : null, limit + 1, cancellationToken);
        var page = rows.Take(limit).Select(row => row.ToBody()).ToList();
        return TypedResults.Ok(new TaskPage(page, rows.Count > limit ? page[^1].Id : null));
    }

    private static async Task<Ok<List<StalledBody>>> StalledAsync([FromServices] IStalledTasks stalled, CancellationToken cancellationToken) => TypedResults.Ok(
        (await stalled.ListAsync(cancellationToken))
        .Select(task => new StalledBody(task.Task.Value, task.Title, Math.Round(task.Since.TotalSeconds), task.Reason)).ToList());

    private static async Task<IResult> GetAsync(
        string id, [FromServices] IGrainFactory grains, [FromServices] ITaskSummaries summaries, CancellationToken cancellationToken) =>
        await FindAsync(id, grains, summaries, cancellationToken) is { } found ? TypedResults.Ok(found) : Problems.NotFound(id);

    private static async Task<IResult> EventsAsync(
        string id, HttpRequest request, [FromServices] ITaskSummaries summaries, [FromServices] TaskEvents events, CancellationToken cancellationToken,
        [FromHeader(Name = "Last-Event-ID")] string? lastEventId = null, long after = 0)
    {
        if (!TaskId.IsValid(id) || await summaries.FindAsync(new TaskId(id), cancellationToken) is null)
        {
            return Problems.NotFound(id);
        }

        after = long.TryParse(lastEventId, out var last) ? last : after;
        var asked = request.GetTypedHeaders().Accept.Select(accept => accept.MediaType.Value);
        return asked.FirstOrDefault() == "application/json"
            ? TypedResults.Ok(await events.ListAsync(new TaskId(id), after, cancellationToken))
            : TypedResults.ServerSentEvents(events.FollowAsync(new TaskId(id), after, cancellationToken));
    }

    private static RouteHandlerBuilder MapResult(
        RouteGroupBuilder task, string name, string mediaType, Func<TaskEvent.DeliveryCompleted, BlobId?> choose) =>
        task.MapGet($"/{name}", async Task<IResult> (
            string id, [FromServices] ITaskJournal journal, [FromServices] IBlobStore blobs, CancellationToken cancellationToken) =>
        {
            var entries = TaskId.IsValid(id) ? await journal.ReadAsync(new TaskId(id), afterSeq: 0, cancellationToken) : [];
            if (entries.Count == 0)
            {
                return Problems.NotFound(id);
            }

            if (entries.Select(entry => entry.Event).OfType<TaskEvent.DeliveryCompleted>().LastOrDefault() is not { } delivered)
            {
                return Problems.Of("not_ready", StatusCodes.Status409Conflict, $"Task {id} has not finished, so there is no {name} yet.");
            }

            return choose(delivered) is { } blob
                ? TypedResults.Bytes(await blobs.GetAsync(blob, cancellationToken), $"{mediaType}; charset=utf-8")
                : Problems.Of("no_patch", StatusCodes.Status404NotFound, $"Task {id} ended without a {name}; its report says why.");
        }).WithName(name).Produces<string>(StatusCodes.Status200OK, mediaType).ProducesProblem(StatusCodes.Status409Conflict);

    /// <summary>The grain knows more than the row; the row is there when the grain cannot be reached. A finished task wakes no grain.</summary>
    internal static async Task<TaskBody?> FindAsync(string id, IGrainFactory grains, ITaskSummaries summaries, CancellationToken cancellationToken)
    {
        if (!TaskId.IsValid(id) || await summaries.FindAsync(new TaskId(id), cancellationToken) is not { } row)
        {
            return null;
        }

        if (row.Finished)
        {
            return row.ToBody();
        }

        try
        {
            var grain = grains.GetGrain<ITaskGrain>(id);
            return (await grain.StatusAsync(cancellationToken) ?? row).ToBody(await grain.LiveAsync(cancellationToken));
        }
        catch (Exception e) when (e is OrleansException or TimeoutException)
        {
            return row.ToBody();
        }
    }
}
