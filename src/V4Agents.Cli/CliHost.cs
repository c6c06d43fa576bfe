using System.Collections;
using V4Agents.Cli.Output;
using V4Agents.Service.Hosting;

namespace V4Agents.Cli;

/// <summary>The process around the commands: nothing else in this project reads the environment or the console.</summary>
internal sealed record CliHost(
    Terminal Out, TextWriter Error, TextReader In, IReadOnlyDictionary<string, string> Environment, bool IsRoot, string Directory, TimeProvider Clock)
{
    public static CliHost OfThisProcess() => new(
        Terminal.Standard(), Console.Error, Console.In,
        System.Environment.GetEnvironmentVariables().Cast<DictionaryEntry>().ToDictionary(e => (string)e.Key, e => (string)e.Value!),
        System.Environment.IsPrivilegedProcess, System.IO.Directory.GetCurrentDirectory(), TimeProvider.System);

    /// <summary>Settings of a service in this process, whose log lines would disturb the command's own output.</summary>
    public ServiceSettings Settings() => ServiceSettings.FromEnvironment(Environment, IsRoot) with { Verbose = false };

    public string Absolute(string path) => Path.GetFullPath(path, Directory);
}
