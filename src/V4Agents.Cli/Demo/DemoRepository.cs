using V4Agents.Cli.Processes;

namespace V4Agents.Cli.Demo;

/// <summary>A fresh git repository with the demo's files.</summary>
internal static class DemoRepository
{
    private static readonly string[] Identity = ["-c", "user.name=V4Agents demo", "-c", "user.email=demo@example.invalid", "-c", "commit.gpgSign=false"];

    public static async Task CreateAsync(string source, string destination, CancellationToken cancellationToken)
    {
        if (Directory.Exists(destination))
        {
            Directory.Delete(destination, recursive: true);
        }

        Directory.CreateDirectory(destination);
        foreach (var file in Directory.EnumerateFiles(source, "*", SearchOption.AllDirectories))
        {
            var name = Path.GetRelativePath(source, file);
            if (!name.Split('/').Any(part => part is "__pycache__" or ".pytest_cache"))
            {
                var target = Path.Combine(destination, name);
                Directory.CreateDirectory(Path.GetDirectoryName(target)!); // A file's path always has a directory.
                File.Copy(file, target);
            }
        }

        await GitAsync(destination, ["init", "--quiet", "--initial-branch=main"], cancellationToken);
        await GitAsync(destination, ["add", "--all"], cancellationToken);
        await GitAsync(destination, [.. Identity, "commit", "--quiet", "--no-verify", "-m", "The library as it was released"], cancellationToken);
    }

    private static async Task GitAsync(string directory, string[] arguments, CancellationToken cancellationToken)
    {
        var result = await Tool.RunAsync(["git", "-C", directory, .. arguments], null, cancellationToken);
        if (result.ExitCode != 0)
        {
            throw new IOException($"The demo's repository cannot be made: git {arguments[0]} says: {result.Error.Trim()}");
        }
    }
}
