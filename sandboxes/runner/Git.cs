using System.Diagnostics;
using System.Text;

namespace V4Agents.Runner;

/// <summary>git without anyone's configuration and hooks, on the shadow repository unless told otherwise.</summary>
internal static class Git
{
    public static ProcessStartInfo Command(string gitDirectory, params IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo("git")
        {
            WorkingDirectory = Layout.WorkTree,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var argument in (IEnumerable<string>)["--git-dir=" + gitDirectory, "--work-tree=" + Layout.WorkTree,
            "-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false", "-c", "core.excludesFile=/dev/null", "-c", "core.attributesFile=/dev/null",
            "-c", "core.autocrlf=false", "-c", "core.safecrlf=false", "-c", "core.protectNTFS=false", "-c", "core.protectHFS=false",
            "-c", "core.symlinks=true", "-c", "core.fileMode=true", "-c", "core.looseCompression=0", "-c", "advice.addEmbeddedRepo=false",
            "-c", "gc.auto=0", "-c", "pack.compression=1", "-c", "pack.threads=1", .. arguments])
        {
            start.ArgumentList.Add(argument);
        }

        CleanEnvironment.Apply(start);
        start.Environment["GIT_CONFIG_GLOBAL"] = "/dev/null";
        start.Environment["GIT_CONFIG_NOSYSTEM"] = "1";
        start.Environment["GIT_LITERAL_PATHSPECS"] = "1";
        foreach (var who in (string[])["AUTHOR", "COMMITTER"])
        {
            start.Environment[$"GIT_{who}_NAME"] = "v4";
            start.Environment[$"GIT_{who}_EMAIL"] = "v4@localhost";
            if (gitDirectory == Layout.ShadowGit)
            {
                // A commit there is a function of its tree and its parent, so that it is the same one in a rebuilt sandbox.
                start.Environment[$"GIT_{who}_DATE"] = "@0 +0000";
            }
        }

        return start;
    }

    /// <summary>Standard output; standard error and a failure become a <see cref="RequestException"/>.</summary>
    public static Task<byte[]> RunAsync(params IEnumerable<string> arguments) => RunOnAsync(Layout.ShadowGit, default, arguments);

    public static async Task<byte[]> RunOnAsync(string gitDirectory, ReadOnlyMemory<byte> input, params IEnumerable<string> arguments)
    {
        var (exit, output, errors) = await TryAsync(gitDirectory, input, arguments);
        return exit == 0 ? output : throw Failure(errors);
    }

    public static Task<(int Exit, byte[] Output, string Errors)> TryAsync(
        string gitDirectory, ReadOnlyMemory<byte> input, params IEnumerable<string> arguments) =>
        OwnProcesses.CompleteAsync(Command(gitDirectory, arguments), input);

    public static RequestException Failure(string errors) => errors.Contains("No space left on device", StringComparison.Ordinal)
        ? new RequestException("The sandbox's disk is full: the files could not be saved. Delete what is not needed (df -h /work; du -xh /work /tmp | sort -h | tail).") { IsDiskFull = true }
        : new RequestException($"git failed in the sandbox: {errors.Trim()}");

    public static string Line(byte[] output) => Encoding.UTF8.GetString(output).Trim();
}
