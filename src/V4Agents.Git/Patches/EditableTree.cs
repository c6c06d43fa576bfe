using System.Text;
using LibGit2Sharp;

namespace V4Agents.Git.Patches;

/// <summary>A tree that files are put into and taken out of, as git does it: a directory exists while something is in it.</summary>
internal sealed class EditableTree(Repository repository, Tree root)
{
    private readonly EditableNode _root = new(Mode.Directory, root.Id);

    public EditableNode? Find(string path)
    {
        EditableNode? node = _root;
        foreach (var name in path.Split('/'))
        {
            node = node is { IsDirectory: true } ? node.Children(repository).GetValueOrDefault(name) : null;
        }

        return node;
    }

    /// <summary>The nearest entry above the path that is not a directory; null when there is none.</summary>
    public (string Path, Mode Mode)? Obstacle(string path)
    {
        var node = _root;
        for (var end = path.IndexOf('/'); end >= 0; end = path.IndexOf('/', end + 1))
        {
            var name = path[(path.LastIndexOf('/', end - 1) + 1)..end];
            if (!node.Children(repository).TryGetValue(name, out var next))
            {
                return null;
            }

            if (!next.IsDirectory)
            {
                return (path[..end], next.Mode);
            }

            node = next;
        }

        return null;
    }

    /// <summary>Takes away a file, or a directory with all in it. Nothing happens when there is none.</summary>
    public void Remove(string path)
    {
        if (Find(path) is not null)
        {
            Remove(_root, path.Split('/'));
        }
    }

    public void Put(string path, Mode mode, ObjectId blob)
    {
        var names = path.Split('/');
        var node = _root;
        foreach (var name in names[..^1])
        {
            if (!node.Children(repository).TryGetValue(name, out var next) || !next.IsDirectory)
            {
                next = EditableNode.NewDirectory();
                node.Put(repository, name, next);
            }

            node.Touch();
            node = next;
        }

        node.Put(repository, names[^1], new EditableNode(mode, blob));
    }

    /// <exception cref="InvalidOperationException">A changed directory holds a name that is no UTF-8, which would come out wrong.</exception>
    public ObjectId Write() => Write(_root, "");

    private void Remove(EditableNode node, ReadOnlySpan<string> names)
    {
        var child = node.Children(repository)[names[0]];
        if (names.Length > 1)
        {
            Remove(child, names[1..]);
            node.Touch();
        }

        if (names.Length == 1 || child.Children(repository).Count == 0)
        {
            node.Remove(repository, names[0]);
        }
    }

    private ObjectId Write(EditableNode node, string path)
    {
        if (node.Id is not null)
        {
            return node.Id;
        }

        using var bytes = new MemoryStream();
        // Git sorts by bytes, a directory as if its name ended in '/'.
        foreach (var (key, name, child) in node.Children(repository)
            .Select(pair => (Key: Encoding.UTF8.GetBytes(pair.Value.IsDirectory ? pair.Key + "/" : pair.Key), pair.Key, pair.Value))
            .OrderBy(entry => entry.Key, ByteOrder.Instance))
        {
            if (name.Contains('\uFFFD'))
            {
                throw new InvalidOperationException($"The directory '{path}' holds a file name that is not UTF-8, so a patch in it cannot be built.");
            }

            bytes.Write(Encoding.UTF8.GetBytes($"{Convert.ToString((int)child.Mode, 8)} {name}\0"));
            bytes.Write((child.IsDirectory ? Write(child, $"{path}{name}/") : child.Id!).RawId); // Only directories are ever without an id.
        }

        node.Written(repository.ObjectDatabase.Write<Tree>(bytes.ToArray()));
        return node.Id!; // It was just set.
    }
}
