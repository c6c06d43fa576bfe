namespace V4Agents.Core.Journal;

/// <summary>The name and version under which an event is stored: chosen by us, untouched by renaming the type.</summary>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class StoredAttribute(string kind, int version) : Attribute
{
    public string Kind { get; } = kind;

    public int Version { get; } = version;
}
