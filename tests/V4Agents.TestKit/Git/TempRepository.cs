using System.Diagnostics;
using System.Text;

namespace V4Agents.TestKit.Git;

/// <summary>A real git repository with a work tree in a temporary directory that goes when it is disposed.</summary>
public sealed class TempRepository : IDisposable
{
    private readonly string _root;

    private TempRepository(string root) => (_root, Directory) = (root, Path.Combine(root, "work"));

    public string Directory { get; }

    /// <summary>Beside the work tree, for mirrors and clones; removed with it.</summary>
    public string Beside(string name) => Path.Combine(_root, name);

    public static TempRepository Create()
    {
        var repository = new TempRepository(System.IO.Directory.CreateTempSubdirectory("v4agents-git-").FullName);
        System.IO.Directory.CreateDirectory(repository.Directory);
        repository.Git("init", "--quiet", "--template=", "--initial-branch=main");
        return repository;
    }

    public TempRepository Write(string path, string content) => Write(path, Encoding.UTF8.GetBytes(content));

    public TempRepository Write(string path, byte[] content, bool executable = false)
    {
        var full = Place(path);
        File.WriteAllBytes(full, content);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(full, (UnixFileMode)Convert.ToInt32(executable ? "755" : "644", 8));
        }

        return this;
    }

    public TempRepository Link(string path, string target)
    {
        File.CreateSymbolicLink(Place(path), target);
        return this;
    }

    public TempRepository Remove(string path)
    {
        var full = Path.Combine(Directory, path);
        if (System.IO.Directory.Exists(full) && new DirectoryInfo(full).LinkTarget is null)
        {
            System.IO.Directory.Delete(full, recursive: true);
        }
        else
        {
            File.Delete(full);
        }

        return this;
    }

    /// <summary>Commits the whole work tree, ignored files too; the commit's id.</summary>
    public string Commit(string message = "change")
    {
        Git("add", "--all", "--force");
        Git("commit", "--quiet", "--allow-empty", "--no-verify", "-m", message);
        return Git("rev-parse", "HEAD");
    }

    public string Git(params string[] arguments) => Encoding.UTF8.GetString(RunIn(Directory, input: null, arguments)).TrimEnd('\n');

    /// <summary>Runs git by itself, without the settings of whoever runs the tests; throws with its words when it fails.</summary>
    public static byte[] RunIn(string directory, byte[]? input, params string[] arguments)
    {
        string[] settings = ["core.autocrlf=false", "safe.directory=*", "user.name=A", "user.email=a@example.org", "protocol.file.allow=always", "gc.auto=0"];
        var start = new ProcessStartInfo("git", [.. settings.SelectMany(setting => new[] { "-c", setting }), .. arguments])
        {
            WorkingDirectory = directory,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["GIT_CONFIG_GLOBAL"] = "/dev/null", ["GIT_CONFIG_NOSYSTEM"] = "1" },
        };
        using var process = Process.Start(start) ?? throw new InvalidOperationException("git did not start");
        var errors = process.StandardError.ReadToEndAsync();
        if (input is not null)
        {
            process.StandardInput.BaseStream.Write(input);
        }

        process.StandardInput.Close();
        using var output = new MemoryStream();
        process.StandardOutput.BaseStream.CopyTo(output);
        process.WaitForExit();
        return process.ExitCode == 0
            ? output.ToArray()
            : throw new InvalidOperationException($"git {string.Join(' ', arguments)}: {errors.GetAwaiter().GetResult()}");
    }

    public void Dispose() => System.IO.Directory.Delete(_root, recursive: true);

    private string Place(string path)
    {
        var full = Path.Combine(Directory, path);
        System.IO.Directory.CreateDirectory(Path.GetDirectoryName(full)!); // A file in the work tree has a directory.
        File.Delete(full);
        return full;
    }
}
