using Microsoft.Extensions.Logging;
using V4Agents.Core.Conversations;

namespace V4Agents.Models.Wire;

internal sealed partial class ChatClient
{
    [LoggerMessage(1, LogLevel.Debug, "Calling {Model} as {Role} (effort {Effort}): {Messages} messages, {Bytes} bytes.")]
    private static partial void LogSending(ILogger logger, ModelRole role, string model, string effort, int messages, int bytes);

    [LoggerMessage(2, LogLevel.Information,
        "{Model} replied as {Role} (request {RequestId}) in {Elapsed}: {Finish}, {CacheHit} hit, {CacheMiss} miss, {Output} output tokens, "
        + "{Reasoning} of them reasoning.")]
    private static partial void LogReply(
        ILogger logger, ModelRole role, string model, string? requestId, TimeSpan elapsed, FinishReason finish, long cacheHit, long cacheMiss,
        long output, long reasoning);

    [LoggerMessage(3, LogLevel.Warning, "The call as {Role} (request {RequestId}) failed after {Elapsed}, {Kind}: {Reason}")]
    private static partial void LogFailure(
        ILogger logger, ModelRole role, ModelFailure kind, string? requestId, TimeSpan elapsed, string reason);

    [LoggerMessage(5, LogLevel.Information, "The kept answer of call {Key} as {Role}, {Bytes} bytes, {State}.")]
    private static partial void LogRecovery(ILogger logger, ModelRole role, string? key, long bytes, string state);

    [LoggerMessage(4, LogLevel.Trace, "{Text}")]
    private static partial void LogText(ILogger logger, string text);
}
