using Microsoft.Extensions.Options;
using V4Agents.Core.Repositories;
using V4Agents.Core.Tasks;
using V4Agents.Git.Commands;

namespace V4Agents.Git.Mirrors;

/// <summary>Lists and fetches from where repositories are, with the git program: it knows the user's ssh keys and credential helpers.</summary>
internal sealed class Remotes(GitProgram git, IOptions<GitOptions> options)
{
    /// <summary>
    /// A repository on this machine may belong to another user and may be asked for any of its commits. Git reads hooks of
    /// <c>upload-pack</c> from the user's own settings only, so nothing of that repository is executed.
    /// </summary>
    private const string LocalUploadPack = "git -c safe.directory=* -c uploadpack.allowAnySHA1InWant=true upload-pack";

    public async Task<(RemoteRefs? Refs, RepositoryOutcome.Refused? Refused)> ListAsync(RepositoryAddress address, CancellationToken cancellationToken)
    {
        var limit = options.Value.ListTimeout;
        var result = await RunAsync(address, ["ls-remote", "--symref", .. Upload(address), "--", address.Location], limit, cancellationToken);
        if (!result.Succeeded)
        {
            return (null, GitFailures.Explain(address, result, limit));
        }

        var refs = RemoteRefs.Parse(result.Text);
        return refs.Ids.Values.Any(id => id.Length != 40)
            ? (null, new(FailureCode.NotARepository, $"{address.Display} uses an object format other than SHA-1, which is not supported."))
            : (refs, null);
    }

    /// <returns>Null when everything asked for is there.</returns>
    public async Task<RepositoryOutcome.Refused?> FetchAsync(
        RepositoryAddress address, string gitDirectory, IReadOnlyList<string> refspecs, bool prune, CancellationToken cancellationToken)
    {
        var limit = options.Value.FetchTimeout;
        var result = await RunAsync(
            address,
            [
                $"--git-dir={gitDirectory}", "fetch", "--quiet", "--force", "--no-tags", "--no-recurse-submodules", "--no-write-fetch-head",
                "--no-auto-maintenance", "--update-shallow", .. prune ? ["--prune"] : Array.Empty<string>(), .. Upload(address), "--", address.Location,
                .. refspecs,
            ],
            limit, cancellationToken);
        if (result.Succeeded)
        {
            return null;
        }

        return IsOurs(result)
            ? throw new RepositoryException($"Fetching from {address.Display} failed on this machine: {GitFailures.Clean(address, result.Reason)}.", isTransient: true)
            : GitFailures.Explain(address, result, limit);
    }

    public TimeSpan Limit => options.Value.FetchTimeout;

    /// <summary>The commit of a branch as the repository has it now; null when there is no such branch, or no answer.</summary>
    public async Task<(string? Commit, GitResult Result)> BranchAsync(RepositoryAddress address, string name, CancellationToken cancellationToken)
    {
        var result = await RunAsync(
            address, ["ls-remote", .. Upload(address), "--", address.Location, name], options.Value.ListTimeout, cancellationToken);
        return (result.Succeeded ? RemoteRefs.Parse(result.Text).Ids.GetValueOrDefault(name) : null, result);
    }

    /// <summary>Makes a branch that must not exist; <see cref="GitResult.Text"/> has a line for the ref.</summary>
    public Task<GitResult> PushAsync(RepositoryAddress address, string gitDirectory, string commit, string name, CancellationToken cancellationToken) => RunAsync(
        address,
        [
            $"--git-dir={gitDirectory}", "push", "--porcelain", "--no-verify", "--no-follow-tags", "--no-signed", "--recurse-submodules=no",
            $"--force-with-lease={name}:", "--", address.Location, $"{commit}:{name}",
        ],
        options.Value.FetchTimeout, cancellationToken);

    private static bool IsOurs(GitResult result) =>
        new[] { "no space left", "disk quota", "read-only file system", ".lock': file exists", "unable to create temporary", "unable to write" }
            .Any(word => result.Errors.Contains(word, StringComparison.OrdinalIgnoreCase));

    private static string[] Upload(RepositoryAddress address) => address.IsLocal ? ["--upload-pack", LocalUploadPack] : [];

    private async Task<GitResult> RunAsync(RepositoryAddress address, IReadOnlyList<string> arguments, TimeSpan limit, CancellationToken cancellationToken)
    {
        var run = new GitRun(arguments, limit);
        if (address.IsSsh)
        {
            run = run with { Environment = new Dictionary<string, string> { ["GIT_SSH_COMMAND"] = await SshCommandAsync(cancellationToken) } };
        }

        return await git.RunAsync(address.Credentials?.AddTo(run) ?? run, cancellationToken);
    }

    /// <summary>The user's own ssh command, told never to ask. Git prefers the variable over the setting; so does this.</summary>
    private async Task<string> SshCommandAsync(CancellationToken cancellationToken)
    {
        var own = Environment.GetEnvironmentVariable("GIT_SSH_COMMAND");
        if (string.IsNullOrWhiteSpace(own))
        {
            var set = await git.RunAsync(new GitRun(["config", "--get", "core.sshCommand"], options.Value.ListTimeout), cancellationToken);
            own = set.Succeeded ? set.Text.Trim() : Environment.GetEnvironmentVariable("GIT_SSH") ?? "ssh";
        }

        return $"{own} -o BatchMode=yes";
    }
}
