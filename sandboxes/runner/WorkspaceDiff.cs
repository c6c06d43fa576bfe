using System.Buffers.Text;
using System.Diagnostics;
using System.Text;

namespace V4Agents.Runner;

/// <summary>What differs from the seeded tree, with content from git's object store, so that it fits the tree id even while files change.</summary>
internal static class WorkspaceDiff
{
    private const long MaxBytes = 64L << 20;
    private const int GitLink = 0b1110_0000_0000_0000;
    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);

    private readonly record struct Entry(byte[] Path, int Mode, string Blob);

    public static async Task<string> TakeAsync(string seed, Func<string, int, ReadOnlyMemory<byte>, Task> report)
    {
        await AddAsync();
        var entries = Parse(await Git.RunAsync("diff-index", "--cached", "--raw", "--no-renames", "--no-abbrev", "-z", seed));

        // A repository inside the work tree would be in the tree as a mere pointer: leave it out, of the tree too.
        var links = entries.Where(e => e.Mode == GitLink).ToList();
        if (links.Count > 0)
        {
            var paths = links.SelectMany(e => (byte[])[.. e.Path, 0]).ToArray();
            await Git.RunOnAsync(Layout.ShadowGit, paths, "update-index", "--force-remove", "-z", "--stdin");
            entries = Parse(await Git.RunAsync("diff-index", "--cached", "--raw", "--no-renames", "--no-abbrev", "-z", seed));
        }

        await ReportAsync(entries, report);
        return Git.Line(await Git.RunAsync("write-tree"));
    }

    private static async Task AddAsync()
    {
        File.Delete(Path.Combine(Layout.ShadowGit, "index.lock"));
        var (exit, _, errors) = await Git.TryAsync(Layout.ShadowGit, default, "add", "--all", "--ignore-errors", ".");
        var serious = errors.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(l => !IsHarmless(l)).ToList();
        if (exit != 0 && (exit != 1 || serious.Count > 0))
        {
            throw new RequestException($"The work tree could not be read: {string.Join(' ', serious).Trim()}");
        }
    }

    // An inner repository without a commit, and files that the user made unreadable: they are left out, the rest is taken.
    private static bool IsHarmless(string line) =>
        line.StartsWith("warning:", StringComparison.Ordinal) || line.StartsWith("hint:", StringComparison.Ordinal)
        || line.Contains("does not have a commit checked out", StringComparison.Ordinal)
        || line.Contains("Permission denied", StringComparison.Ordinal) || line.Contains("unable to index file", StringComparison.Ordinal)
        || line.Contains("adding files failed", StringComparison.Ordinal);

    private static async Task ReportAsync(IReadOnlyList<Entry> entries, Func<string, int, ReadOnlyMemory<byte>, Task> report)
    {
        using var process = Process.Start(Git.Command(Layout.ShadowGit, "cat-file", "--batch")) ?? throw new RequestException("git could not be started.");
        var blobs = process.StandardOutput.BaseStream;
        var total = 0L;
        try
        {
            foreach (var entry in entries)
            {
                var path = PathOf(entry.Path);
                if (entry.Mode == 0)
                {
                    await report(path, 0, default);
                    continue;
                }

                await process.StandardInput.WriteAsync(entry.Blob + "\n");
                await process.StandardInput.FlushAsync();
                var size = await ReadSizeAsync(blobs);
                if ((total += size) > MaxBytes)
                {
                    throw new RequestException(
                        $"The changed files are larger than {MaxBytes >> 20} MiB together ('{path}' went past it); delete build products or add them to .gitignore.");
                }

                var content = new byte[size + 1];
                await blobs.ReadExactlyAsync(content);
                await report(path, entry.Mode, content.AsMemory(0, (int)size));
            }
        }
        finally
        {
            process.Kill();
        }
    }

    private static async Task<long> ReadSizeAsync(Stream blobs)
    {
        var line = new List<byte>();
        var one = new byte[1];
        while (await blobs.ReadAsync(one) == 1 && one[0] != '\n')
        {
            line.Add(one[0]);
        }

        var text = Encoding.ASCII.GetString([.. line]);
        return Utf8Parser.TryParse(line.ToArray().AsSpan(text.LastIndexOf(' ') + 1), out long size, out _)
            ? size
            : throw new RequestException($"git does not hold a changed file: {text}");
    }

    private static string PathOf(byte[] bytes)
    {
        try
        {
            return Strict.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            throw new RequestException($"The name of '{Encoding.UTF8.GetString(bytes)}' is not UTF-8; rename or delete it.");
        }
    }

    /// <summary><c>:oldmode newmode oldid newid status NUL path NUL</c>, repeated.</summary>
    private static List<Entry> Parse(byte[] raw)
    {
        var entries = new List<Entry>();
        for (var rest = raw.AsSpan(); !rest.IsEmpty;)
        {
            var end = rest.IndexOf((byte)0);
            var fields = Encoding.ASCII.GetString(rest[1..end]).Split(' ');
            rest = rest[(end + 1)..];
            end = rest.IndexOf((byte)0);
            entries.Add(new Entry(rest[..end].ToArray(), Convert.ToInt32(fields[1], 8), fields[3]));
            rest = rest[(end + 1)..];
        }

        return entries;
    }
}
