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

    private static int StatusOf(FailureCode code) => code switch
    {
        FailureCode.Internal => StatusCodes.Status500InternalServerError,
        FailureCode.EngineUnavailable or FailureCode.ModelKeyMissing or FailureCode.ModelUnauthorized or FailureCode.ModelNoBalance
            or FailureCode.ModelUnreachable or FailureCode.ModelUnavailable or FailureCode.RepositoryUnreachable => StatusCodes.Status503ServiceUnavailable,
        _ => StatusCodes.Status422UnprocessableEntity,
    };
}
