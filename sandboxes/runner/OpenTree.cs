using System.Text;

namespace V4Agents.Runner;

/// <summary>
/// The work tree while git reads it: what its owner had closed is open until the disposal, and the pipes are gone that git would open and wait for.
/// </summary>
internal sealed class OpenTree : IAsyncDisposable
{
    private readonly record struct Entry(char Kind, string Mode, byte[] Path);

    private readonly List<Entry> _opened;

    private OpenTree(List<Entry> found)
    {
        _opened = [.. found.Where(entry => entry.Kind != 'p')];
        Pipes = [.. found.Where(entry => entry.Kind == 'p').Select(entry => entry.Path)];
    }

    /// <summary>Pipes, sockets and devices, which are no files to git.</summary>
    public IReadOnlyList<byte[]> Pipes { get; }

    public static async Task<OpenTree> OpenAsync()
    {
        // A directory is opened before find looks into it.
        var tree = new OpenTree(Parse(await OwnProcesses.ReadAsync(
            "find", Layout.WorkTree, "-path", Layout.WorkTree + "/.git", "-prune",
            "-o", "-type", "d", "!", "-perm", "-500", "-printf", "d%m %P\\0", "-exec", "chmod", "u+rx", "{}", ";",
            "-o", "-type", "f", "!", "-perm", "-400", "-printf", "f%m %P\\0", "-exec", "chmod", "u+r", "{}", "+",
            "-o", "-type", "p,s,b,c", "-printf", "p0 %P\\0")));
        await OwnProcesses.OnEachAsync(Arguments(tree.Pipes.Where(IsGits)), "rm", "-f");
        return tree;
    }

    public async ValueTask DisposeAsync()
    {
        // What is inside first. Runs of one mode go together.
        for (var end = _opened.Count; end > 0;)
        {
            var start = end - 1;
            while (start > 0 && _opened[start - 1].Mode == _opened[end - 1].Mode)
            {
                start--;
            }

            await OwnProcesses.OnEachAsync(Arguments(_opened[start..end].Select(entry => entry.Path).Reverse()), "chmod", _opened[start].Mode);
            end = start;
        }
    }

    private static bool IsGits(byte[] path)
    {
        var name = path.AsSpan(path.AsSpan().LastIndexOf((byte)'/') + 1);
        return name.StartsWith(".git"u8) || path.AsSpan().IndexOf("/.git/"u8) >= 0;
    }

    private static byte[] Arguments(IEnumerable<byte[]> paths) =>
        [.. paths.SelectMany(path => (byte[])[.. Encoding.UTF8.GetBytes(Layout.WorkTree + "/"), .. path, 0])];

    private static List<Entry> Parse(byte[] found) =>
    [
        .. ShadowIndex.Paths(found).Select(line =>
        {
            var space = line.AsSpan().IndexOf((byte)' ');
            return new Entry((char)line[0], Encoding.ASCII.GetString(line.AsSpan(1, space - 1)), line[(space + 1)..]);
        }),
    ];
}
