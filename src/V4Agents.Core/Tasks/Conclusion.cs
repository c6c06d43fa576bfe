namespace V4Agents.Core.Tasks;

public sealed record Conclusion(TaskOutcome Outcome, FailureCode? Failure, string Message);
