namespace V4Agents.Core.Conversations;

public static class ModelFailureKinds
{
    /// <summary>Whether the same request may succeed later without anybody changing anything.</summary>
    public static bool IsTransient(this ModelFailure failure) =>
        failure is ModelFailure.RateLimited or ModelFailure.ServerFault or ModelFailure.Unreachable or ModelFailure.Interrupted;
}
