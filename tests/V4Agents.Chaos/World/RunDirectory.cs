namespace V4Agents.Chaos.World;

/// <summary>Everything of a run lies below it. It goes when the run was clean, and stays as evidence when it was not.</summary>
internal sealed class RunDirectory
{
    private RunDirectory(string path) => Path = path;

    public string Path { get; }

    public static RunDirectory Create()
    {
        // Not CreateTempSubdirectory: the database's own user must be able to pass through, and a socket's path must stay short.
        var path = System.IO.Path.Combine(System.IO.Path.GetTempPath(), $"v4-chaos-{Guid.NewGuid():N}"[..16]);
        Directory.CreateDirectory(path);
        return new RunDirectory(path);
    }

    public string Of(string name) => System.IO.Path.Combine(Path, name);

    public void Remove() => Directory.Delete(Path, recursive: true);
}
