namespace V4Agents.Core.Tasks;

/// <summary>Names of effects whose failures the policy counts apart from others'.</summary>
public static class EffectNames
{
    public const string CloseSandbox = "closing the sandbox";

    public const string PushBranch = "pushing the branch";

    public const string ModelCall = "model call";
}
