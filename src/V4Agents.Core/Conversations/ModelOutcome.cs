using V4Agents.Core.Budgets;

namespace V4Agents.Core.Conversations;

/// <summary>How a model call ended. A failure is a value: the policy decides what follows.</summary>
public abstract record ModelOutcome
{
    private ModelOutcome() { }

    /// <param name="ServedModel">The model name the server says it used.</param>
    public sealed record Reply(ChatMessage.Assistant Message, FinishReason Finish, Usage Usage, string ServedModel) : ModelOutcome;

    /// <param name="Message">For people: what failed, why, what to do. Never holds a key or a prompt.</param>
    /// <param name="RetryAfter">How long the server asks to wait, when it does.</param>
    public sealed record Failure(ModelFailure Kind, string Message, TimeSpan? RetryAfter) : ModelOutcome
    {
        /// <summary>The server may have worked on the call, and may charge for it; false when it certainly did not.</summary>
        public bool MayBeBilled { get; init; }
    }
}
