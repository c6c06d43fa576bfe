namespace V4Agents.TestKit.Machine;

/// <summary>Files of the checkout that the tests were built from.</summary>
public static class Sources
{
    public static string PathOf(string name)
    {
        for (var at = new DirectoryInfo(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            if (File.Exists(Path.Combine(at.FullName, "V4Agents.sln")))
            {
                return Path.Combine(at.FullName, name);
            }
        }

        throw new DirectoryNotFoundException($"No checkout lies above {AppContext.BaseDirectory}.");
    }
}
