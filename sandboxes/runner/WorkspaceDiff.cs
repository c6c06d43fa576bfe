using System.Buffers.Text;
using System.Text;

namespace V4Agents.Runner;

/// <summary>What differs from the seeded tree, with content from git's object store, so that it fits the tree id even while files change.</summary>
internal static class WorkspaceDiff
{
    private const long MaxBytes = 64L << 20;
    private const int MaxChanges = 90_000;
    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);

    public static async Task<string> TakeAsync(string seed, Func<string, int, ReadOnlyMemory<byte>, Task> report)
    {
        await ShadowIndex.TakeAsync(seed);
        var changes = await ShadowIndex.ChangesAsync(seed);
        if (changes.Count > MaxChanges)
        {
            throw new RequestException($"{changes.Count} files changed, more than {MaxChanges} ('{PathOf(changes[0].Path)}' for one); delete build products or add them to .gitignore.");
        }

        await ReportAsync(changes, report);
        return await ShadowIndex.TreeAsync();
    }

    private static async Task ReportAsync(IReadOnlyList<ShadowIndex.Change> entries, Func<string, int, ReadOnlyMemory<byte>, Task> report)
    {
        using var process = OwnProcesses.Start(Git.Command(Layout.ShadowGit, "cat-file", "--batch"));
        using var limit = OwnProcesses.LimitOf(process);
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
            OwnProcesses.End(process);
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
}
