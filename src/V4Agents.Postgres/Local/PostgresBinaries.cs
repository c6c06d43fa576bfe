using System.ComponentModel;
using System.Diagnostics;
using System.Text.RegularExpressions;

namespace V4Agents.Postgres.Local;

/// <summary>An installed PostgreSQL server: a directory that holds <c>postgres</c>, <c>initdb</c> and <c>pg_ctl</c>.</summary>
public sealed partial record PostgresBinaries(string Directory, string Version)
{
    /// <summary>Where distributions put one directory per major version.</summary>
    private const string VersionedRoot = "/usr/lib/postgresql";

    public int Major => int.Parse(Version.Split('.')[0]);

    internal string this[string program] => Path.Combine(Directory, program);

    /// <summary>The server that would be used, or null when none is installed.</summary>
    /// <param name="directory">Looks only there; null for the usual places, newest version first, then PATH.</param>
    /// <param name="major">Only this major version, when a data directory asks for it.</param>
    internal static PostgresBinaries? Find(string? directory, int? major) =>
        Candidates(directory).Select(Probe).FirstOrDefault(found => found is not null && (major is null || found.Major == major));

    private static IEnumerable<string> Candidates(string? directory)
    {
        if (directory is not null)
        {
            return [directory];
        }

        var versioned = System.IO.Directory.Exists(VersionedRoot) ? System.IO.Directory.GetDirectories(VersionedRoot) : [];
        return versioned
            .OrderByDescending(path => double.TryParse(Path.GetFileName(path), out var version) ? version : 0)
            .Select(path => Path.Combine(path, "bin"))
            .Concat((Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries));
    }

    private static PostgresBinaries? Probe(string directory)
    {
        if (!Array.TrueForAll(["postgres", "initdb", "pg_ctl"], program => File.Exists(Path.Combine(directory, program))))
        {
            return null;
        }

        try
        {
            using var process = Process.Start(new ProcessStartInfo(Path.Combine(directory, "postgres"), ["--version"])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                WorkingDirectory = "/",
            })!; // Start returns null only with UseShellExecute.
            var version = VersionNumber().Match(process.StandardOutput.ReadToEnd());
            process.WaitForExit();
            return version.Success ? new PostgresBinaries(directory, version.Value) : null;
        }
        catch (Win32Exception)
        {
            // Not executable here (another architecture, no permission): the same as not installed.
            return null;
        }
    }

    [GeneratedRegex(@"\d+(\.\d+)+|\d+(?=(devel|beta|rc))")]
    private static partial Regex VersionNumber();
}
