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
            "-c", "gc.auto=0", .. arguments])
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
        }

        return start;
    }

    /// <summary>Standard output; standard error and a failure become a <see cref="RequestException"/>.</summary>
    public static Task<byte[]> RunAsync(params IEnumerable<string> arguments) => RunOnAsync(Layout.ShadowGit, default, arguments);

    public static async Task<byte[]> RunOnAsync(string gitDirectory, ReadOnlyMemory<byte> input, params IEnumerable<string> arguments)
    {
        var (exit, output, errors) = await TryAsync(gitDirectory, input, arguments);
        return exit == 0 ? output : throw new RequestException($"git failed in the sandbox: {errors.Trim()}");
    }

    public static async Task<(int Exit, byte[] Output, string Errors)> TryAsync(
        string gitDirectory, ReadOnlyMemory<byte> input, params IEnumerable<string> arguments)
    {
        using var process = Process.Start(Command(gitDirectory, arguments)) ?? throw new RequestException("git could not be started.");
        var errors = process.StandardError.ReadToEndAsync();
        var output = new MemoryStream();
        var copying = process.StandardOutput.BaseStream.CopyToAsync(output);
        await process.StandardInput.BaseStream.WriteAsync(input);
        process.StandardInput.Close();
        await copying;
        await process.WaitForExitAsync();
        return (process.ExitCode, output.ToArray(), await errors);
    }

    public static string Line(byte[] output) => Encoding.UTF8.GetString(output).Trim();
}
