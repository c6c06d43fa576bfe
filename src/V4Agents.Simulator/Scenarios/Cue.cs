namespace V4Agents.Simulator.Scenarios;

/// <summary>The turn to play, and where in which script it stands.</summary>
/// <param name="Task">The first user message: what tells two tasks apart that play the same scenario.</param>
internal sealed record Cue(string Scenario, string Role, int Number, string Task, Turn Turn);
