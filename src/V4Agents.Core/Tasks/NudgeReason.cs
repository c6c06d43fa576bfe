namespace V4Agents.Core.Tasks;

public enum NudgeReason
{
    /// <summary>The reply called no tool.</summary>
    NoCall,

    /// <summary>The reply ran into its token limit before it was whole.</summary>
    Cut,
}
