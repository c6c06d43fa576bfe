namespace V4Agents.Core.Repositories;

/// <summary>The name of a local bare mirror.</summary>
public readonly record struct RepositoryId(string Value)
{
    public override string ToString() => Value;
}
