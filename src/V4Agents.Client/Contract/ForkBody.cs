namespace V4Agents.Client.Contract;

/// <param name="Step">The fork goes on after this completed step; 0 is the conversation before the first reply. The last step when absent.</param>
/// <param name="Text">What the fork's model is told that its source's was not.</param>
/// <param name="Budget">The fork's own; a limit that is left out is the source's.</param>
public sealed record ForkBody(int? Step = null, string? Text = null, BudgetBody? Budget = null);
