namespace V4Agents.Simulator.Scenarios;

/// <summary>One script: the turns of each role, for the tasks whose first user message contains <see cref="When"/>.</summary>
/// <param name="When">Null fits every task.</param>
internal sealed record Scenario(string Name, string? When, IReadOnlyDictionary<string, IReadOnlyList<Turn>> Roles)
{
    public const string Solver = "solver";
    public const string Triage = "triage";

    public bool Fits(string firstUserMessage) => When is null || firstUserMessage.Contains(When, StringComparison.Ordinal);
}
