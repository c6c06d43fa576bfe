namespace V4Agents.Core.Verification;

/// <param name="Before">Null when the test was not there.</param>
public sealed record TestChange(string Test, TestState? Before, TestState? After);
