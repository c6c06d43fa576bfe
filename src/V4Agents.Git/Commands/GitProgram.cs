using System.ComponentModel;
using System.Diagnostics;
using V4Agents.Core.Repositories;

namespace V4Agents.Git.Commands;

/// <summary>Runs the git program on addresses and on our own bare mirrors, never in or on a work tree.</summary>
internal sealed class GitProgram(TimeProvider time)
{
    private const int MaxErrors = 64 * 1024;
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(2);

    /// <exception cref="RepositoryException">There is no git program.</exception>
    public async Task<GitResult> RunAsync(GitRun run, CancellationToken cancellationToken)
    {
        var start = ProcessGroup.Start("git");
        foreach (var argument in run.Arguments)
        {
            start.ArgumentList.Add(argument);
        }

        start.RedirectStandardInput = start.RedirectStandardOutput = start.RedirectStandardError = true;
        // A directory that always exists and is no work tree of anybody's.
        start.WorkingDirectory = Path.GetPathRoot(Path.GetTempPath());
        GitEnvironment.Apply(start.Environment, run);

        using var process = Launch(start);
        using var limit = new CancellationTokenSource(run.Limit, time);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        try
        {
            var input = FeedAsync(process, run.Input, stop.Token);
            var output = BoundedRead.AllAsync(process.StandardOutput.BaseStream, run.MaxOutput, stop, stop.Token);
            var errors = BoundedRead.HeadAsync(process.StandardError.BaseStream, MaxErrors, stop.Token);
            await Task.WhenAll(input, output, errors, process.WaitForExitAsync(stop.Token));
            return new GitResult(process.ExitCode, await output, await errors, TimedOut: false, TooLong: false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new GitResult(-1, [], "", TimedOut: limit.IsCancellationRequested, TooLong: !limit.IsCancellationRequested);
        }
        finally
        {
            if (!process.HasExited)
            {
                await ProcessGroup.EndAsync(process, Grace, time);
            }
        }
    }

    private static async Task FeedAsync(Process process, ReadOnlyMemory<byte> input, CancellationToken cancellationToken)
    {
        try
        {
            await process.StandardInput.BaseStream.WriteAsync(input, cancellationToken);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It ended without reading all of it; its exit code and its words say why.
        }
    }

    private static Process Launch(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start) ?? throw new RepositoryException("The git program did not start.", isTransient: true);
        }
        catch (Win32Exception e)
        {
            throw new RepositoryException("The git program is not installed, or not on the search path. Install git.", isTransient: false, e);
        }
    }
}
