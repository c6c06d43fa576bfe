namespace V4Agents.Core.Sandboxing;

/// <summary>The container engine or the runner in the sandbox failed. The message is written for people.</summary>
public sealed class SandboxException(string message, bool isTransient, Exception? inner = null) : Exception(message, inner)
{
    public bool IsTransient { get; } = isTransient;
}
