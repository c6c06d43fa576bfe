using System.Diagnostics;
using System.Formats.Tar;
using System.Text;
using V4Agents.Core.Sandboxing;
using Xunit;

namespace V4Agents.Adapters.Tests.Sandboxes;

/// <summary>Files with modes, as a tar and as the tree that git itself makes of them.</summary>
internal sealed class TestTree
{
    private readonly List<(string Path, WorkspaceEntry Entry, byte[] Content)> _files = [];

    public TestTree Add(string path, string content, WorkspaceEntry entry = WorkspaceEntry.File) => Add(path, Encoding.UTF8.GetBytes(content), entry);

    public TestTree Add(string path, byte[] content, WorkspaceEntry entry = WorkspaceEntry.File)
    {
        _files.Add((path, entry, content));
        return this;
    }

    public TestTree With(IReadOnlyList<WorkspaceChange> changes)
    {
        var result = new TestTree();
        result._files.AddRange(_files.Where(f => changes.All(c => c.Path != f.Path)));
        result._files.AddRange(changes.Where(c => c.Entry != WorkspaceEntry.Deleted).Select(c => (c.Path, c.Entry, c.Content.ToArray())));
        return result;
    }

    public async Task WriteTarAsync(Stream stream, CancellationToken cancellationToken)
    {
        await using var tar = new TarWriter(stream, TarEntryFormat.Pax, leaveOpen: true);
        foreach (var (path, entry, content) in _files)
        {
            await tar.WriteEntryAsync(
                entry == WorkspaceEntry.Symlink
                    ? new PaxTarEntry(TarEntryType.SymbolicLink, path) { LinkName = Encoding.UTF8.GetString(content) }
                    : new PaxTarEntry(TarEntryType.RegularFile, path)
                    {
                        DataStream = new MemoryStream(content),
                        Mode = (UnixFileMode)Convert.ToInt32(entry == WorkspaceEntry.Executable ? "755" : "644", 8),
                    },
                cancellationToken);
        }
    }

    public async Task<string> GitTreeAsync()
    {
        var directory = Directory.CreateTempSubdirectory("v4-tree-").FullName;
        try
        {
            await GitAsync(directory, [], "init", "-q", "--bare", ".");
            var input = new MemoryStream();
            input.Write("commit refs/heads/main\ncommitter v4 <v4@localhost> 0 +0000\ndata 0\n"u8);
            foreach (var (path, entry, content) in _files)
            {
                var mode = entry switch { WorkspaceEntry.Symlink => "120000", WorkspaceEntry.Executable => "100755", _ => "100644" };
                input.Write(Encoding.UTF8.GetBytes($"M {mode} inline \"{path.Replace("\\", "\\\\").Replace("\"", "\\\"").Replace("\n", "\\n")}\"\ndata {content.Length}\n"));
                input.Write(content);
                input.Write("\n"u8);
            }

            await GitAsync(directory, input.ToArray(), "fast-import", "--quiet");
            return await GitAsync(directory, [], "rev-parse", "main^{tree}");
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private static async Task<string> GitAsync(string directory, byte[] input, params string[] arguments)
    {
        using var git = Process.Start(new ProcessStartInfo("git", arguments) { WorkingDirectory = directory, RedirectStandardInput = true, RedirectStandardOutput = true })!;
        await git.StandardInput.BaseStream.WriteAsync(input);
        git.StandardInput.Close();
        var output = await git.StandardOutput.ReadToEndAsync();
        await git.WaitForExitAsync();
        Assert.Equal(0, git.ExitCode);
        return output.Trim();
    }
}
