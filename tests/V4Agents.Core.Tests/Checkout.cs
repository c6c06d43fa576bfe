namespace V4Agents.Core.Tests;

/// <summary>The files that the tests read beside the code.</summary>
internal static class Checkout
{
    public static string Root { get; } = Find();

    private static string Find()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "V4Agents.sln")))
        {
            folder = folder.Parent ?? throw new InvalidOperationException("The tests do not run below a checkout.");
        }

        return folder.FullName;
    }
}
