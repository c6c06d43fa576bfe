namespace V4Agents.Simulator.Requests;

internal static class RequestStates
{
    public static bool IsFinal(this RequestState state) =>
        state is RequestState.Completed or RequestState.Rejected or RequestState.Cut or RequestState.Disconnected;
}
