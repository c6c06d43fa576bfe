using System.Globalization;
using System.Text;
using Microsoft.Extensions.Options;
using V4Agents.Core.Repositories;
using V4Agents.Git.Commands;

namespace V4Agents.Git.Patches;

/// <summary>
/// The difference of two trees as a patch with full binary content. The library has no option for that, so it is <c>git diff-tree</c> on
/// our own bare mirror, with no settings but ours: the same trees give the same bytes for everybody.
/// </summary>
internal sealed class PatchDiff(GitProgram git, IOptions<GitOptions> options)
{
    /// <summary>A diff holds old and new content, and binary content as text: this many times what the changes may hold is enough.</summary>
    private const int Growth = 4;

    private static readonly string[] Shape = ["--no-renames", "--no-ext-diff", "--no-textconv", "--no-color", "--no-relative"];

    public async Task<PatchOutcome> WriteAsync(string mirror, string from, string to, PatchLimits limits, CancellationToken cancellationToken)
    {
        var text = await RunAsync(
            mirror, ["-p", "--binary", "--full-index", "--src-prefix=a/", "--dst-prefix=b/", .. Shape, from, to], limits, cancellationToken);
        if (text is null)
        {
            return new PatchOutcome.Refused(
                $"The patch is larger than {limits.Bytes * Growth:N0} bytes, most likely because large files were removed or rewritten.");
        }

        var counts = await RunAsync(mirror, ["--numstat", "-z", .. Shape, from, to], limits, cancellationToken) ?? [];
        var paths = new List<string>();
        var (additions, deletions) = (0, 0);
        foreach (var line in Encoding.UTF8.GetString(counts).Split('\0', StringSplitOptions.RemoveEmptyEntries))
        {
            // added TAB removed TAB path; both numbers are '-' for a binary file, and a path may hold anything.
            var parts = line.Split('\t', 3);
            additions += Number(parts[0]);
            deletions += Number(parts[1]);
            paths.Add(parts[2]);
        }

        return new PatchOutcome.Built(text, to, paths.Count, additions, deletions, paths);
    }

    private static int Number(string text) => int.TryParse(text, CultureInfo.InvariantCulture, out var number) ? number : 0;

    private async Task<byte[]?> RunAsync(string mirror, string[] arguments, PatchLimits limits, CancellationToken cancellationToken)
    {
        var run = new GitRun([$"--git-dir={mirror}", "diff-tree", "-r", .. arguments], options.Value.DiffTimeout)
        {
            Isolated = true,
            MaxOutput = checked(limits.Bytes * Growth),
        };
        var result = await git.RunAsync(run, cancellationToken);
        if (result.TooLong)
        {
            return null;
        }

        return result.Succeeded
            ? result.Output
            : throw new RepositoryException(
                result.TimedOut ? $"Writing the diff took longer than {run.Limit}." : $"Writing the diff failed: {result.Reason}.", isTransient: true);
    }
}
