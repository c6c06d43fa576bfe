namespace V4Agents.Git.Mirrors;

/// <summary>A path with every symbolic link in it followed, so that one place has one name.</summary>
internal static class RealPath
{
    private const int MaxLinks = 40;

    public static string Of(string path)
    {
        var links = 0;
        var real = Path.GetPathRoot(path)!; // Callers pass full paths only.
        var rest = new Stack<string>(path[real.Length..].Split('/', StringSplitOptions.RemoveEmptyEntries).Reverse());
        while (rest.TryPop(out var name))
        {
            if (name is "." or "..")
            {
                real = name == "." ? real : Path.GetDirectoryName(real) ?? real;
                continue;
            }

            var next = Path.Combine(real, name);
            var target = new DirectoryInfo(next).LinkTarget;
            if (target is null || ++links > MaxLinks)
            {
                real = next;
                continue;
            }

            real = Path.IsPathRooted(target) ? Path.GetPathRoot(target)! : real; // A rooted path has a root.
            foreach (var part in target.Split('/', StringSplitOptions.RemoveEmptyEntries).Reverse())
            {
                rest.Push(part);
            }
        }

        return real;
    }
}
