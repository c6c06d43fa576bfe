namespace V4Agents.Sandboxes.Calls;

/// <summary>The bridge to the runner broke. What was asked may have happened; asking again with the same ids is safe.</summary>
internal sealed class ConnectionLostException(string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>It did not break: nothing came any more.</summary>
    public bool IsSilence { get; init; }
}
