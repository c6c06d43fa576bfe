namespace V4Agents.Client.Contract;

/// <summary>What a task may use; a limit that is left out comes from the workflow.</summary>
public sealed record BudgetBody(int? Steps = null, decimal? Usd = null, double? WallTimeMinutes = null);
