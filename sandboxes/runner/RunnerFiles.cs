namespace V4Agents.Runner;

internal static class RunnerFiles
{
    public static string Put(string name, ReadOnlySpan<byte> content)
    {
        if (name.Length is 0 or > 100 || name[0] == '.' || name.AsSpan().ContainsAnyExcept(Names))
        {
            throw new RequestException($"'{name}' cannot be the name of a file: letters, digits, '.', '-' and '_', at most 100.");
        }

        var path = Path.Combine(Layout.Files, name);
        Layout.WriteDurably(path, content);
        return path;
    }

    private static readonly System.Buffers.SearchValues<char> Names =
        System.Buffers.SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_");
}
