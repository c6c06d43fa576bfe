using Microsoft.Extensions.Options;
using V4Agents.Core.Repositories;
using V4Agents.Git.Commands;

namespace V4Agents.Git.Patches;

/// <summary>
/// The text of a patch, from two trees in a bare mirror. LibGit2Sharp says of a binary file only that it differs; git writes a patch
/// that gives the bytes back. Nobody's settings and attributes are asked, so the same trees always give the same patch.
/// </summary>
internal sealed class PatchDiff(GitProgram git, IOptions<GitOptions> options)
{
    /// <exception cref="RepositoryException">Git could not write the diff.</exception>
    public async Task<byte[]> WriteAsync(string gitDirectory, string from, string to, CancellationToken cancellationToken)
    {
        var run = new GitRun(
            [
                $"--git-dir={gitDirectory}", "diff-tree", "-r", "-p", "--binary", "--full-index", "--no-ext-diff", "--no-textconv", "--no-renames", "--no-color", from, to,
            ],
            options.Value.DiffTimeout)
        {
            Isolated = true,
        };
        var result = await git.RunAsync(run, cancellationToken);
        return result.Succeeded
            ? result.Output
            : throw new RepositoryException($"The diff could not be written: {(result.TimedOut ? "it took too long" : result.TooLong ? "it is too long" : result.Reason)}.", isTransient: false);
    }
}
