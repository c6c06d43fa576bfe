using System.Globalization;
using System.Text;
using V4Agents.Core.Repositories;
using V4Agents.Core.Sandboxing;

namespace V4Agents.Core.Packing;

/// <summary>
/// The repository as the model first sees it: its tree, and every text file in full when all of them fit in the budget.
/// The same commit always gives the same bytes, so all tasks on it share the provider's cached prefix.
/// </summary>
public static class RepositoryPack
{
    private const int MaxListed = 3_000;
    private const long MaxFileBytes = 256 * 1024;

    /// <summary>The files whose content belongs in the pack, in order; empty when they do not fit together.</summary>
    public static IReadOnlyList<RepositoryFile> Choose(IReadOnlyList<RepositoryFile> files, int budgetBytes)
    {
        var texts = files.Where(file => file.Entry is WorkspaceEntry.File or WorkspaceEntry.Executable && file.Size is > 0 and <= MaxFileBytes).ToList();
        return texts.Sum(file => file.Size) <= budgetBytes ? texts : [];
    }

    public static string Render(IReadOnlyList<RepositoryFile> files, IReadOnlyList<RepositoryFile> chosen, IReadOnlyList<ReadOnlyMemory<byte>> contents)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{files.Count} files\n");
        foreach (var file in files.Take(MaxListed))
        {
            text.Append(CultureInfo.InvariantCulture, $"{Printable(file.Path)} {file.Size}{(file.Entry == WorkspaceEntry.Symlink ? " link" : "")}\n");
        }

        if (files.Count > MaxListed)
        {
            text.Append(CultureInfo.InvariantCulture, $"... {files.Count - MaxListed} more; list them with bash\n");
        }

        foreach (var (file, content) in chosen.Zip(contents))
        {
            if (Decode(content.Span) is { } source)
            {
                text.Append(CultureInfo.InvariantCulture, $"\n=== {Printable(file.Path)} ===\n").Append(source);
                if (!source.EndsWith('\n'))
                {
                    text.Append('\n');
                }
            }
        }

        return text.ToString();
    }

    /// <summary>Null for bytes that are not UTF-8 text.</summary>
    private static string? Decode(ReadOnlySpan<byte> content)
    {
        if (content[..Math.Min(content.Length, 8_000)].Contains((byte)0))
        {
            return null;
        }

        try
        {
            return Strict.GetString(content);
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }

    private static string Printable(string path) => path.Any(char.IsControl) ? string.Concat(path.Select(c => char.IsControl(c) ? '�' : c)) : path;

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
}
