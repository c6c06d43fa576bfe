using System.Text;

namespace V4Agents.Runner;

/// <summary>A file with line numbers, or a directory's entries. Bounded in lines and in width, and it says where it cut.</summary>
internal static class ViewTool
{
    private const int MaxLines = 2_000;
    private const int MaxWidth = 2_000;
    private const int MaxEntries = 1_000;
    private const int BinaryProbe = 8_000;

    public static void Run(ToolArguments arguments, BoundedOutput output, CancellationToken cancellationToken)
    {
        var given = arguments.Line("path");
        var start = arguments.OptionalNumber("start_line", 1);
        var end = arguments.OptionalNumber("end_line", 1);
        var path = WorkPath.ForReading(given);
        if (Directory.Exists(path))
        {
            List(path, output);
            return;
        }

        if (!File.Exists(path))
        {
            throw new ToolException($"'{given}' does not exist.");
        }

        var bytes = RegularFile.Read(path, given, cancellationToken);
        if (bytes.AsSpan(0, Math.Min(bytes.Length, BinaryProbe)).Contains((byte)0))
        {
            throw new ToolException($"'{given}' is a binary file ({bytes.Length} bytes); inspect it with bash (file, xxd, strings).");
        }

        Lines(TextSplice.WithoutBom(bytes), start ?? 1, end, given, output);
    }

    private static void Lines(ReadOnlySpan<byte> text, int start, int? end, string name, BoundedOutput output)
    {
        var total = text.Count((byte)'\n') + (text.IsEmpty || text[^1] == '\n' ? 0 : 1);
        if (total == 0)
        {
            output.Write($"[{name} is empty]\n");
            return;
        }

        if (start > total || end < start)
        {
            throw new ToolException($"'{name}' has {total} lines; start_line {start}{(end is { } e ? $" and end_line {e} ask" : " asks")} for none of them.");
        }

        var last = Math.Min(Math.Min(end ?? total, total), (int)Math.Min((long)start + MaxLines - 1, int.MaxValue));
        for (var number = 1; number <= last; number++)
        {
            var length = text.IndexOf((byte)'\n');
            var line = length < 0 ? text : text[..length];
            text = length < 0 ? [] : text[(length + 1)..];
            if (number >= start)
            {
                output.Write($"{number,6}\t");
                Line(line.EndsWith("\r"u8) ? line[..^1] : line, output);
            }
        }

        if (last < Math.Min(end ?? total, total))
        {
            output.Write($"[lines {start}-{last} of {total}; go on with start_line {last + 1}]\n");
        }
    }

    private static void Line(ReadOnlySpan<byte> line, BoundedOutput output)
    {
        if (line.Length <= MaxWidth)
        {
            output.Write(line);
            output.Write("\n"u8);
            return;
        }

        var width = MaxWidth;
        while (width > MaxWidth - 4 && (line[width] & 0xC0) == 0x80)
        {
            width--;
        }

        output.Write(line[..width]);
        output.Write($" [... line cut, {line.Length - width} more bytes]\n");
    }

    private static void List(string path, BoundedOutput output)
    {
        var entries = new DirectoryInfo(path).GetFileSystemInfos().Where(e => e.Name != ".git").OrderBy(e => e.Name, StringComparer.Ordinal).ToList();
        var text = new StringBuilder();
        foreach (var entry in entries.Take(MaxEntries))
        {
            text.Append(entry.Name).Append(entry.LinkTarget is { } target ? $" -> {target}" : entry is DirectoryInfo ? "/" : "").Append('\n');
        }

        text.Append(entries.Count > MaxEntries ? $"[{entries.Count - MaxEntries} more entries]\n" : entries.Count == 0 ? "[empty directory]\n" : "");
        output.Write(text.ToString());
    }
}
