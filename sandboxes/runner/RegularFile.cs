namespace V4Agents.Runner;

/// <summary>Reads files, and only files: a pipe or a device would never end, or never begin.</summary>
internal static class RegularFile
{
    private const long Most = 256L << 20;

    /// <param name="name">What the model called it.</param>
    public static byte[] Read(string path, string name, CancellationToken cancellationToken)
    {
        using var handle = Posix.Open(path);
        if (!Posix.IsRegular(handle))
        {
            throw new ToolException($"'{name}' is not a regular file (a pipe, a device or a socket); use bash with a time limit.");
        }

        using var file = new FileStream(handle, FileAccess.Read, bufferSize: 0);
        if (file.Length > Most)
        {
            throw new ToolException($"'{name}' has {file.Length} bytes, too many for this tool; use search, or bash with sed.");
        }

        // Not only as long as it says: files of /proc say 0.
        var content = new MemoryStream((int)file.Length);
        var buffer = new byte[256 * 1024];
        for (int count; (count = file.Read(buffer)) > 0;)
        {
            cancellationToken.ThrowIfCancellationRequested();
            content.Write(buffer, 0, count);
            if (content.Length > Most)
            {
                throw new ToolException($"'{name}' has more than {Most} bytes, too many for this tool; use search, or bash with sed.");
            }
        }

        return content.ToArray();
    }
}
