namespace V4Agents.Chaos.World;

/// <summary>Bare repositories, to start from and to push to.</summary>
internal static class Origins
{
    public static async Task CreateAsync(string path, IReadOnlyList<(string Path, string Content)> files)
    {
        using var folder = await GitFolder.CreateAsync([.. files]);
        await Programs.MustAsync("/", "git", "clone", "-q", "--bare", folder.Path, path);
    }
}
