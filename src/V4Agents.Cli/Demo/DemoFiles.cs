namespace V4Agents.Cli.Demo;

/// <summary>Where the demo's repository, issue and scenario lie, and the simulator's program: beside this program when installed, else in the sources.</summary>
internal sealed record DemoFiles(string Repository, string Issue, string Scenario, string Simulator)
{
    private const string SimulatorName = "V4Agents.Simulator";

    /// <exception cref="IOException">A part is missing.</exception>
    public static DemoFiles Find(string? simulator)
    {
        var demo = Upwards("workflows/demo") ?? throw new FileNotFoundException("The demo's files, workflows/demo, are neither beside v4 nor above it. Run v4 from a checkout.");
        return new DemoFiles(
            Path.Combine(demo, "repository"), Path.Combine(demo, "issue.md"), Path.Combine(demo, "scenario.yaml"),
            simulator ?? Built() ?? throw new FileNotFoundException(
                "The simulator that stands in for the model is not built. Build the solution, set V4_SIMULATOR to V4Agents.Simulator.dll, or set DEEPSEEK_API_KEY to use the real model."));
    }

    private static string? Built()
    {
        var beside = new[] { $"{SimulatorName}.dll", Path.Combine("simulator", $"{SimulatorName}.dll") }
            .Select(name => Path.Combine(AppContext.BaseDirectory, name)).FirstOrDefault(File.Exists);
        // Only a whole program has the file that says which runtime it wants.
        if (beside is not null && File.Exists(Path.ChangeExtension(beside, ".runtimeconfig.json")))
        {
            return beside;
        }

        return Upwards($"src/{SimulatorName}/bin") is { } bin
            ? Directory.EnumerateFiles(bin, $"{SimulatorName}.dll", SearchOption.AllDirectories)
                .Where(path => File.Exists(Path.ChangeExtension(path, ".runtimeconfig.json"))).MaxBy(File.GetLastWriteTimeUtc)
            : null;
    }

    private static string? Upwards(string path)
    {
        for (var at = new DirectoryInfo(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            if (Directory.Exists(Path.Combine(at.FullName, path)))
            {
                return Path.Combine(at.FullName, path);
            }
        }

        return null;
    }
}
