using V4Agents.Simulator.Answers;

namespace V4Agents.Simulator;

/// <summary>Shows a bug of the simulator on stderr. Kestrel's own report is off, since it would also show every connection cut on purpose.</summary>
internal sealed partial class ErrorReport(ILogger<ErrorReport> logger)
{
    public const string KestrelCategory = "Microsoft.AspNetCore.Server.Kestrel";

    public async Task HandleAsync(HttpContext http, RequestDelegate next)
    {
        try
        {
            await next(http);
        }
        catch (Exception e) when (e is not CutException)
        {
            LogUnhandled(http.Request.Path, e);
            throw;
        }
    }

    [LoggerMessage(LogLevel.Error, "the simulator failed to answer {Path}")]
    private partial void LogUnhandled(string path, Exception exception);
}
