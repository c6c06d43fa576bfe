using System.Text.Json;

namespace V4Agents.Simulator.Requests;

/// <summary>One chat completion request as the simulator saw it. The key is never part of it.</summary>
/// <param name="Role"><c>solver</c> or <c>triage</c>, guessed from the model and the presence of tools; null when refused earlier.</param>
/// <param name="Turn">The turn that was played, counted from 1.</param>
/// <param name="Status">The HTTP status that was sent; 0 before.</param>
/// <param name="Usage">What the server bills for the answer, even when the client left before it was whole.</param>
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
    JsonElement Body)
{
    public bool Disconnected => State == RequestState.Disconnected;
}
