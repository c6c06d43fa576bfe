using V4Agents.Core.Conversations;
using V4Agents.Core.Tools;
using V4Agents.Core.Verification;

namespace V4Agents.Core.Tasks;

/// <summary>An effect whose intent is committed and whose end is not.</summary>
public abstract record OpenEffect
{
    private OpenEffect() { }

    /// <param name="StartedAt">Decides the tariff of an answer that is found after a restart.</param>
    public sealed record ModelCall(CallId Call, ModelRole Role, string Model, int MaxTokens, decimal ReservedUsd, DateTimeOffset StartedAt) : OpenEffect;

    public sealed record ToolCall(ToolCallRef Call) : OpenEffect;

    public sealed record Verification(VerificationKind Kind, int Number) : OpenEffect;
}
