namespace V4Agents.Runner;

/// <summary>Where things are in the sandbox.</summary>
internal static class Layout
{
    public const string WorkTree = "/work/repo";
    public const string Home = "/work/home";
    public const string Socket = "/work/.v4/run.sock";
    public const string Calls = "/work/.v4/calls";
    public const string Files = "/work/.v4/files";
    public const string Ballast = "/work/.v4/ballast";
    public const string ShadowGit = "/work/.v4/shadow.git";
    public const string SeedMarker = "/work/.v4/seeded";

    /// <summary>Replaces a file so that it is seen whole or not at all, also after a power cut.</summary>
    public static void WriteDurably(string path, ReadOnlySpan<byte> content)
    {
        var draft = path + ".tmp";
        using (var file = new FileStream(draft, FileMode.Create, FileAccess.Write))
        {
            file.Write(content);
            file.Flush(flushToDisk: true);
        }

        File.Move(draft, path, overwrite: true);
        Posix.FlushDirectory(Path.GetDirectoryName(path) ?? "/");
    }
}
