using System.Net;
using System.Text.Json;
using V4Agents.Core.Conversations;

namespace V4Agents.Models.Wire;

/// <summary>Every way a call can fail, and the words for it: what failed, where, what to do.</summary>
internal sealed class Failures(Endpoint endpoint)
{
    public ModelOutcome.Failure KeyMissing(string missing) => Fail(ModelFailure.KeyMissing, missing);

    public ModelOutcome.Failure Refused(HttpStatusCode status, ReadOnlyMemory<byte> body, TimeSpan? retryAfter)
    {
        var (kind, advice) = Meaning((int)status);
        return Fail(kind, Sentence($"answered {(int)status}", ErrorText.FromBody(body, endpoint), advice), retryAfter, IsOpen((int)status));
    }

    /// <summary>An error where an answer should be: the status said 200.</summary>
    public ModelOutcome.Failure InBand(JsonElement error, bool began)
    {
        var status = StatusOf(error);
        var (kind, advice) = Meaning(status);
        return Fail(kind, Sentence("broke off with an error", ErrorText.FromError(error, endpoint), advice), mayBeBilled: began || IsOpen(status));
    }

    public ModelOutcome.Failure Overloaded() => Fail(ModelFailure.ServerFault,
        Sentence("gave up in mid-answer (insufficient_system_resource)", null, "It is short of capacity: the call can be repeated."), mayBeBilled: true);

    public ModelOutcome.Failure Aborted() => Fail(ModelFailure.Interrupted,
        Sentence("aborted the answer", null, "The call can be repeated."), mayBeBilled: true);

    public ModelOutcome.Failure Unreachable(HttpRequestError error) => Fail(ModelFailure.Unreachable, Sentence(
        error switch
        {
            HttpRequestError.NameResolutionError => "cannot be reached: its name does not resolve",
            HttpRequestError.SecureConnectionError => "cannot be reached: no TLS connection could be made",
            _ => "cannot be reached: no connection could be made",
        },
        null, "Check that it runs, the network, and V4_MODEL_URL."));

    public ModelOutcome.Failure CutOff(bool began) => Fail(ModelFailure.Interrupted, Sentence(
        began ? "closed the connection before the answer was whole" : "closed the connection before the answer began",
        null, "The call can be repeated."), mayBeBilled: true);

    public ModelOutcome.Failure Stalled(TimeSpan silence) => Fail(ModelFailure.Interrupted, Sentence(
        FormattableString.Invariant($"sent nothing for {silence:c}, not even a keep-alive"), null,
        "The call can be repeated. For an endpoint that is silent for longer by nature raise Models:StallTimeout."), mayBeBilled: true);

    public ModelOutcome.Failure TooLong(TimeSpan limit) => Fail(ModelFailure.Interrupted, Sentence(
        FormattableString.Invariant($"had not finished its answer after {limit:c}"), null,
        "The call can be repeated. For longer answers raise Models:CallLimit."), mayBeBilled: true);

    /// <summary>The status said 200, so something took the call.</summary>
    public ModelOutcome.Failure Garbage(string what) => Fail(ModelFailure.Protocol, Nonsense(what), mayBeBilled: true);

    public ModelOutcome.Failure NotHttp() => Fail(ModelFailure.Protocol, Nonsense("with something that is not HTTP"));

    private static (ModelFailure Kind, string Advice) Meaning(int status) => status switch
    {
        401 or 403 => (ModelFailure.Unauthorized, "Set V4_MODEL_KEY or DEEPSEEK_API_KEY to a key that is valid there."),
        402 => (ModelFailure.NoBalance, "The account has no balance: top it up, then submit again."),
        404 or 405 => (ModelFailure.Rejected, "The URL may be wrong, or the model unknown there: check V4_MODEL_URL and Models:Roles."),
        408 => (ModelFailure.Interrupted, "The call can be repeated."),
        422 => (ModelFailure.InvalidParameter, "A parameter has a value that it refuses: check Models:Roles."),
        429 => (ModelFailure.RateLimited, "Too many calls run at once under this account: wait, or run fewer tasks."),
        >= 500 => (ModelFailure.ServerFault, "The fault is on its side: the call can be repeated later."),
        >= 300 and < 400 => (ModelFailure.Protocol, "It redirects, and calls do not follow: set V4_MODEL_URL to where it really is."),
        _ => (ModelFailure.Rejected, "It does not accept this request: repeating it does not help."),
    };

    /// <summary>
    /// Whether the status leaves open that the call was worked on. A refusal (4xx, 503 and its kin) says that it was not; a fault, or a gateway
    /// that lost sight of the server behind it, does not.
    /// </summary>
    private static bool IsOpen(int status) => status is 408 or (>= 500 and not (501 or 503 or 529));

    // The code of an in-band error is a status with some servers and a word with others.
    private static int StatusOf(JsonElement error)
    {
        if (error.ValueKind != JsonValueKind.Object)
        {
            return 500;
        }

        if (error.TryGetProperty("code", out var code) && code.ValueKind == JsonValueKind.Number && code.TryGetInt32(out var status)
            && status is >= 400 and < 600)
        {
            return status;
        }

        var type = error.TryGetProperty("type", out var t) && t.ValueKind == JsonValueKind.String ? t.GetString() : null;
        return type switch
        {
            "invalid_request_error" => 400,
            "authentication_error" => 401,
            "rate_limit_error" => 429,
            _ => 500,
        };
    }

    private string Nonsense(string what) =>
        Sentence($"answered {what}", null, "Check that V4_MODEL_URL is the base URL of an OpenAI-format API.");

    private string Sentence(string what, string? quote, string advice) =>
        $"The model endpoint {endpoint.Host} {what}{(quote is null ? "" : $": \"{quote}\"")}. {advice}";

    private static ModelOutcome.Failure Fail(ModelFailure kind, string message, TimeSpan? retryAfter = null, bool mayBeBilled = false) =>
        new(kind, message, retryAfter) { MayBeBilled = mayBeBilled };
}
