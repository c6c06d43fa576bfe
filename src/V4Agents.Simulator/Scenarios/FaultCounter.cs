using System.Collections.Concurrent;

namespace V4Agents.Simulator.Scenarios;

/// <summary>How often each turn's fault has struck, per task.</summary>
internal sealed class FaultCounter
{
    private readonly ConcurrentDictionary<(string Scenario, string Role, int Number, string Task), int> _struck = [];

    /// <summary>The turn's fault while it still has times left; each call uses one.</summary>
    public Fault? Take(Cue cue) =>
        cue.Turn.Fault is { } fault && _struck.AddOrUpdate((cue.Scenario, cue.Role, cue.Number, cue.Task), 1, (_, times) => times + 1) <= fault.Times
            ? fault
            : null;
}
