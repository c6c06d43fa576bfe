using Microsoft.AspNetCore.Diagnostics;
using V4Agents.Core.Journal;
using V4Agents.Core.Sandboxing;
using V4Agents.Postgres;

namespace V4Agents.Service.Api;

/// <summary>The API's edge: what broke inside becomes a problem document. Only messages meant for people leave the house.</summary>
internal sealed partial class FailureHandler(ILogger<FailureHandler> logger) : IExceptionHandler
{
    public async ValueTask<bool> TryHandleAsync(HttpContext context, Exception exception, CancellationToken cancellationToken)
    {
        var problem = exception switch
        {
            JournalException { IsTransient: true } or DatabaseUnavailableException =>
                Problems.Of("database_unavailable", StatusCodes.Status503ServiceUnavailable, $"{exception.Message} Nothing is lost; ask again."),
            SandboxException => Problems.Of(Core.Tasks.FailureCode.EngineUnavailable, exception.Message),
            BadHttpRequestException bad => Problems.Of("request_invalid", bad.StatusCode, $"{bad.Message} {bad.InnerException?.Message}".Trim()),
            OrleansException or TimeoutException => Problems.Of(
                "internal", StatusCodes.Status503ServiceUnavailable, "The task's grain did not answer. Nothing is lost; ask again."),
            _ => Problems.Of(Core.Tasks.FailureCode.Internal, "Something failed inside the service; its log says what. Nothing that was recorded is lost."),
        };
        if (exception is not BadHttpRequestException)
        {
            LogFailed(exception, context.Request.Method, context.Request.Path);
        }

        await problem.ExecuteAsync(context);
        return true;
    }

    [LoggerMessage(1, LogLevel.Error, "{method} {path} failed.")]
    private partial void LogFailed(Exception exception, string method, string path);
}
