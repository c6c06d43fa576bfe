namespace V4Agents.Simulator.Requests;

/// <summary>How far a request has come.</summary>
public enum RequestState
{
    Received,

    /// <summary>Hangs on purpose until it is released or the client goes.</summary>
    Held,

    Answering,
    Completed,

    /// <summary>Refused with an error body, by a protocol rule or by the scenario.</summary>
    Rejected,

    /// <summary>The simulator broke the connection on purpose.</summary>
    Cut,

    /// <summary>The client left before the answer was whole.</summary>
    Disconnected,
}
