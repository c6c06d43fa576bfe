using System.ComponentModel;
using System.Diagnostics;

namespace V4Agents.Postgres.Local;

/// <summary>Who runs the server's programs: this user, or <paramref name="user"/> when this user is root.</summary>
internal sealed class ServerAccount(string? user)
{
    public static async Task<ServerAccount> ForThisProcessAsync(string systemUser, CancellationToken cancellationToken)
    {
        if (!Environment.IsPrivilegedProcess)
        {
            return new ServerAccount(null);
        }

        if ((await ExecuteAsync("id", ["-u", systemUser], cancellationToken)).ExitCode != 0)
        {
            throw new DatabaseUnavailableException(
                $"PostgreSQL refuses to run as root, and this machine has no user '{systemUser}' to run it as. "
                + "Install PostgreSQL, which makes that user, or run V4Agents as an ordinary user.");
        }

        return new ServerAccount(systemUser);
    }

    /// <summary>Runs a program to its end. Its working directory is <c>/</c>, which every account can read.</summary>
    public Task<(int ExitCode, string Output)> RunAsync(string program, IEnumerable<string> arguments, CancellationToken cancellationToken) =>
        user is null
            ? ExecuteAsync(program, arguments, cancellationToken)
            : ExecuteAsync("setpriv", [$"--reuid={user}", $"--regid={user}", "--clear-groups", "--", program, .. arguments], cancellationToken);

    /// <summary>Makes a directory that only this account can enter, and checks that it can.</summary>
    public async Task OwnDirectoryAsync(string directory, CancellationToken cancellationToken)
    {
        IEnumerable<string> owner = user is null ? [] : ["--owner", user];
        var (exitCode, output) = await ExecuteAsync("install", ["--directory", "--mode", "700", .. owner, "--", directory], cancellationToken);
        if (exitCode != 0)
        {
            throw new DatabaseUnavailableException($"The directory '{directory}' for the private database cannot be made: {output}. Choose another directory.");
        }

        if (!await CanEnterAsync(directory, cancellationToken))
        {
            throw new DatabaseUnavailableException(
                $"The private database cannot run in '{directory}': the user '{user}' may not enter '{await ObstacleAsync(directory, cancellationToken)}'. "
                + "Allow it with 'chmod o+x', choose another directory, or run V4Agents as an ordinary user.");
        }
    }

    private async Task<bool> CanEnterAsync(string directory, CancellationToken cancellationToken) =>
        (await RunAsync("test", ["-x", directory], cancellationToken)).ExitCode == 0;

    private async Task<string> ObstacleAsync(string directory, CancellationToken cancellationToken)
    {
        var obstacle = directory;
        for (var parent = Path.GetDirectoryName(directory); parent is not null; parent = Path.GetDirectoryName(parent))
        {
            if (!await CanEnterAsync(parent, cancellationToken))
            {
                obstacle = parent;
            }
        }

        return obstacle;
    }

    private static async Task<(int ExitCode, string Output)> ExecuteAsync(
        string program, IEnumerable<string> arguments, CancellationToken cancellationToken)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments)
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                WorkingDirectory = "/",
            })!; // Start returns null only with UseShellExecute.
            process.StandardInput.Close();
            var output = process.StandardOutput.ReadToEndAsync(cancellationToken);
            var errors = process.StandardError.ReadToEndAsync(cancellationToken);
            try
            {
                await process.WaitForExitAsync(cancellationToken);
            }
            catch (OperationCanceledException)
            {
                process.Kill();
                throw;
            }

            return (process.ExitCode, $"{await output}{await errors}".Trim());
        }
        catch (Win32Exception e)
        {
            throw new DatabaseUnavailableException(
                $"The program '{program}', which the private database needs, cannot be run: {e.Message}. Install it (setpriv comes with util-linux).", e);
        }
    }
}
