using V4Agents.Core.Conversations;
using V4Agents.Core.Tools;
using V4Agents.Core.Verification;

namespace V4Agents.Core.Tasks;

/// <summary>An effect whose intent is committed and whose end is not.</summary>
public abstract record OpenEffect
{
    private OpenEffect() { }

    public sealed record ModelCall(CallId Call, ModelRole Role, int MaxTokens, decimal ReservedUsd) : OpenEffect;

    public sealed record ToolCall(ToolCallRef Call) : OpenEffect;

    public sealed record Verification(VerificationKind Kind, int Number) : OpenEffect;
}
