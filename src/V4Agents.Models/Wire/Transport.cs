using System.Net;
using Microsoft.Extensions.Http.Resilience;
using Polly;
using Polly.Retry;

namespace V4Agents.Models.Wire;

/// <summary>
/// The short retries, the only ones: where the server certainly did no work (no connection, 429, 503), and few enough that a dead endpoint is
/// reported in seconds. A 500, 502 or 504 may be charged for: it is reported, booked, and repeated by the policy.
/// </summary>
internal static class Transport
{
    public const string ClientName = "V4Agents.Models";

    /// <summary>A server that asks for more patience than this is reported with its wish instead: the policy decides who waits.</summary>
    public static readonly TimeSpan LongestRetryAfter = TimeSpan.FromSeconds(10);

    // With jitter a delay can reach MaxDelay, so the three default retries wait 4.5 s at the very most.
    private static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(400);
    private static readonly TimeSpan MaxDelay = TimeSpan.FromMilliseconds(1_500);
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(10);

    public static SocketsHttpHandler Handler() => new()
    {
        ConnectTimeout = ConnectTimeout,
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        AllowAutoRedirect = false,
        UseCookies = false,

        // Long enough to find the end of a finished reply and keep its connection, short enough that a stopped call stops being served.
        ResponseDrainTimeout = TimeSpan.FromMilliseconds(100),
    };

    public static void Configure(ResiliencePipelineBuilder<HttpResponseMessage> builder, ModelOptions options, TimeProvider time)
    {
        builder.TimeProvider = time;
        if (options.Retries > 0)
        {
            builder.AddRetry(new HttpRetryStrategyOptions
            {
                MaxRetryAttempts = options.Retries,
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
                Delay = FirstDelay,
                MaxDelay = MaxDelay,
                ShouldRetryAfterHeader = false,
                ShouldHandle = args => ValueTask.FromResult(IsWorthARetry(args.Outcome, time)),
                DelayGenerator = args => ValueTask.FromResult(RetryAfter(args.Outcome.Result, time)),
            });
        }

        builder.AddTimeout(new HttpTimeoutStrategyOptions { Timeout = options.StallTimeout });
    }

    /// <summary>What the server asks for, never negative.</summary>
    public static TimeSpan? RetryAfter(HttpResponseMessage? response, TimeProvider time)
    {
        var wish = response?.Headers.RetryAfter;
        var wait = wish?.Delta ?? (wish?.Date - time.GetUtcNow());
        return wait < TimeSpan.Zero ? TimeSpan.Zero : wait;
    }

    public static bool IsConnectFailure(HttpRequestException exception) => exception.HttpRequestError is
        HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError or HttpRequestError.SecureConnectionError
        or HttpRequestError.ProxyTunnelError;

    private static bool IsWorthARetry(Outcome<HttpResponseMessage> outcome, TimeProvider time) => outcome switch
    {
        // A request that was sent and never answered may have been paid for: repeating it is not for the transport to decide.
        { Exception: HttpRequestException exception } => IsConnectFailure(exception),
        { Result.StatusCode: HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable } =>
            !(RetryAfter(outcome.Result, time) > LongestRetryAfter),
        _ => false,
    };
}
