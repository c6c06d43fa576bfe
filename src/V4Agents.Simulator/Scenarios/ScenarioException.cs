namespace V4Agents.Simulator.Scenarios;

/// <summary>A scenario file that cannot be played; the message names file, line and reason.</summary>
public sealed class ScenarioException(string source, long line, string reason) : Exception($"{source} line {line}: {reason}")
{
    public long Line { get; } = line;
}
