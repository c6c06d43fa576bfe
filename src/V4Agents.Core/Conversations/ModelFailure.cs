namespace V4Agents.Core.Conversations;

/// <summary>Kinds of failed model calls, after the adapter's own short retries.</summary>
public enum ModelFailure
{
    /// <summary>No key is configured for an endpoint that wants one.</summary>
    KeyMissing,

    /// <summary>401: the key is wrong.</summary>
    Unauthorized,

    /// <summary>402: the account has no balance.</summary>
    NoBalance,

    /// <summary>400: the server refuses the request as sent.</summary>
    Rejected,

    /// <summary>422: a parameter has a value the server refuses.</summary>
    InvalidParameter,

    /// <summary>429: too many requests at once. Transient.</summary>
    RateLimited,

    /// <summary>5xx, or the server gave up in mid-answer. Transient.</summary>
    ServerFault,

    /// <summary>No connection, or the name does not resolve. Transient: an overnight task waits for it.</summary>
    Unreachable,

    /// <summary>The stream ended or went silent before the answer was whole. Transient.</summary>
    Interrupted,

    /// <summary>The answer is not the protocol.</summary>
    Protocol,
}
