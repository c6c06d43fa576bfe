using System.Text.Json;
using V4Agents.Core.Conversations;

namespace V4Agents.Core.Tasks;

public static class FailureCodes
{
    public static FailureCode Of(ModelFailure failure) => failure switch
    {
        ModelFailure.KeyMissing => FailureCode.ModelKeyMissing,
        ModelFailure.Unauthorized => FailureCode.ModelUnauthorized,
        ModelFailure.NoBalance => FailureCode.ModelNoBalance,
        ModelFailure.Unreachable => FailureCode.ModelUnreachable,
        ModelFailure.Rejected or ModelFailure.InvalidParameter or ModelFailure.Protocol => FailureCode.ModelRejected,
        _ => FailureCode.ModelUnavailable,
    };

    /// <summary>The code as the API and the documentation spell it.</summary>
    public static string Spelled(this FailureCode code) => JsonNamingPolicy.SnakeCaseLower.ConvertName(code.ToString());

    /// <summary>The outcome as the API and the receipt spell it.</summary>
    public static string Spelled(this TaskOutcome outcome) => JsonNamingPolicy.SnakeCaseLower.ConvertName(outcome.ToString());
}
