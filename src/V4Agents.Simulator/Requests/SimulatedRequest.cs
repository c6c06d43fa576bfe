using System.Text.Json;
using System.Text.Json.Serialization;

namespace V4Agents.Simulator.Requests;

/// <summary>One chat completion request as the simulator saw it. The key is never part of it.</summary>
/// <param name="Role"><c>solver</c> or <c>triage</c>, guessed from the model and the presence of tools; null when refused earlier.</param>
/// <param name="Turn">The turn that was played, counted from 1.</param>
/// <param name="Status">The HTTP status that was sent; 0 before.</param>
/// <param name="Usage">What the server bills for the answer, even when the client left before it was whole.</param>
/// <param name="BodySha256">Of the bytes as they came, in lower-case hexadecimal.</param>
/// <param name="EndedAt">When the state became final; null while the request is under way.</param>
/// <param name="Body">The request; a JSON string when it was not JSON.</param>
public sealed record SimulatedRequest(
    int Number,
    DateTimeOffset At,
    string Path,
    string? Model,
    string? Role,
    string? Scenario,
    int? Turn,
    int Messages,
    int Tools,
    bool Stream,
    int Status,
    RequestState State,
    string? Error,
    string? FinishReason,
    SimulatedUsage? Usage,
    string BodySha256,
    DateTimeOffset? EndedAt,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] JsonElement Body)
{
    /// <summary>The answer was sent to its last byte and the client was still connected then. Whether its process read it, only it can know.</summary>
    public bool Answered => State == RequestState.Completed;

    /// <summary>The answer never was whole: the client left, the scenario cut it, or an outage did.</summary>
    public bool Aborted => State is RequestState.Disconnected or RequestState.Cut;

    public bool Disconnected => State == RequestState.Disconnected;
}
