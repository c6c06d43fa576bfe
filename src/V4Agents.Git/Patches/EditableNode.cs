using LibGit2Sharp;

namespace V4Agents.Git.Patches;

/// <summary>An entry of a tree under change. A directory is read when somebody looks into it, and written again only if it changed.</summary>
internal sealed class EditableNode(Mode mode, ObjectId? id)
{
    private Dictionary<string, EditableNode>? _children;

    public Mode Mode { get; } = mode;

    /// <summary>Null for a directory that changed and is not written yet.</summary>
    public ObjectId? Id { get; private set; } = id;

    public bool IsDirectory => Mode == Mode.Directory;

    public static EditableNode NewDirectory() => new(Mode.Directory, id: null) { _children = new(StringComparer.Ordinal) };

    public IReadOnlyDictionary<string, EditableNode> Children(Repository repository) => Loaded(repository);

    public void Put(Repository repository, string name, EditableNode child)
    {
        Loaded(repository)[name] = child;
        Id = null;
    }

    public void Remove(Repository repository, string name)
    {
        Loaded(repository).Remove(name);
        Id = null;
    }

    public void Touch() => Id = null;

    public void Written(ObjectId id) => Id = id;

    private Dictionary<string, EditableNode> Loaded(Repository repository) => _children ??= repository.Lookup<Tree>(Id)
        .ToDictionary(entry => entry.Name, entry => new EditableNode(entry.Mode, entry.Target.Id), StringComparer.Ordinal);
}
