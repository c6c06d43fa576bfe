namespace V4Agents.Core.Verification;

public enum TestState
{
    Passed,
    Failed,
    Skipped,
}
