namespace V4Agents.Core.Sandboxing;

/// <summary>The container engine or the runner in the sandbox failed. The message is written for people.</summary>
public sealed class SandboxException(string message, bool isTransient, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>The sandbox is well and answered that it will not: what it says is for whoever asked, a model included.</summary>
    public bool IsRefusal { get; init; }

    /// <summary>The container does not exist any more, with everything in it that was not saved.</summary>
    public bool IsLost { get; init; }

    public bool IsTransient { get; } = isTransient;
}
