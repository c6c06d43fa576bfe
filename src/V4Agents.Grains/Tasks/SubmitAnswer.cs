namespace V4Agents.Grains.Tasks;

public enum SubmitAnswer
{
    Created,

    /// <summary>The same idempotency key came with the same request before.</summary>
    AlreadySubmitted,

    /// <summary>The same idempotency key came with another request before; nothing was changed.</summary>
    Conflict,
}
