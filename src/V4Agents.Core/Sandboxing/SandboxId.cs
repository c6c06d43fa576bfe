namespace V4Agents.Core.Sandboxing;

/// <summary>The name of a sandbox's container, chosen before it exists so that a crash in between leaves something to find.</summary>
public readonly record struct SandboxId(string Value)
{
    public override string ToString() => Value;
}
