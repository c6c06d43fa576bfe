using Microsoft.AspNetCore.Http.HttpResults;
using V4Agents.Core.Tasks;

namespace V4Agents.Service.Api;

/// <summary>Refusals as problem documents: a code for programs, a detail for people.</summary>
internal static class Problems
{
    public static ProblemHttpResult Of(string code, int status, string detail) => TypedResults.Problem(
        detail, statusCode: status, title: code.Replace('_', ' '), extensions: new Dictionary<string, object?> { ["code"] = code });

    public static ProblemHttpResult Of(FailureCode code, string detail) => Of(code.Spelled(), StatusOf(code), detail);

    public static ProblemHttpResult NotFound(string task) => Of("task_not_found", StatusCodes.Status404NotFound, $"There is no task '{task}'.");

    /// <summary>A request that no route took.</summary>
    public static ProblemHttpResult OfRouting(HttpContext context) => Of("request_invalid", context.Response.StatusCode, context.Response.StatusCode switch
    {
        StatusCodes.Status415UnsupportedMediaType => "The body must be JSON, with Content-Type: application/json.",
        StatusCodes.Status405MethodNotAllowed => $"{context.Request.Path} does not take {context.Request.Method}.",
        StatusCodes.Status404NotFound => $"The API has no {context.Request.Path}. /openapi/v1.json says what it has.",
        var status => $"The request was answered with status {status}.",
    });

    private static int StatusOf(FailureCode code) => code switch
    {
        FailureCode.Internal => StatusCodes.Status500InternalServerError,
        FailureCode.EngineUnavailable or FailureCode.ModelKeyMissing or FailureCode.ModelUnauthorized or FailureCode.ModelNoBalance
            or FailureCode.ModelUnreachable or FailureCode.ModelUnavailable or FailureCode.RepositoryUnreachable => StatusCodes.Status503ServiceUnavailable,
        _ => StatusCodes.Status422UnprocessableEntity,
    };
}
