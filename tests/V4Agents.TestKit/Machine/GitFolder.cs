namespace V4Agents.TestKit.Machine;

/// <summary>A repository of a user's, in a temporary folder.</summary>
public sealed class GitFolder : IDisposable
{
    private GitFolder(string path) => Path = path;

    public string Path { get; }

    public static async Task<GitFolder> CreateAsync(params (string Path, string Content)[] files)
    {
        var folder = new GitFolder(Directory.CreateTempSubdirectory("v4 repo ").FullName);
        await folder.GitAsync("init", "-q", "-b", "main");
        foreach (var (path, content) in files)
        {
            folder.Write(path, content);
        }

        if (files.Length > 0)
        {
            await folder.CommitAsync();
        }

        return folder;
    }

    public void Write(string path, string content)
    {
        var full = System.IO.Path.Combine(Path, path);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(full)!);
        File.WriteAllText(full, content);
    }

    public async Task CommitAsync()
    {
        await GitAsync("add", "-A");
        await GitAsync("-c", "user.name=t", "-c", "user.email=t@example.com", "commit", "-qm", "files");
    }

    public Task<string> GitAsync(params string[] arguments) => Programs.MustAsync(Path, "git", arguments);

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
