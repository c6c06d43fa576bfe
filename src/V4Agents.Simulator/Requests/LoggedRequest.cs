namespace V4Agents.Simulator.Requests;

/// <summary>The log's entry of the request in hand.</summary>
internal sealed class LoggedRequest(RequestLog log, int number)
{
    public void Update(Func<SimulatedRequest, SimulatedRequest> change) => log.Update(number, change);

    public void Enter(RequestState state) => Update(request => request with { State = state });
}
