namespace V4Agents.Core.Repositories;

/// <summary>A mirror, the disk under it or the git program failed. The message is written for people and holds no credentials.</summary>
public sealed class RepositoryException(string message, bool isTransient, Exception? inner = null) : Exception(message, inner)
{
    public bool IsTransient { get; } = isTransient;
}
