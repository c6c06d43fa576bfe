using System.Diagnostics;
using System.Threading.Channels;
using V4Agents.Sandboxes.Calls.Protocol;

namespace V4Agents.Runner;

/// <summary>
/// The work tree and its shadow: a git directory outside of it that sees raw bytes only. The model's own repository is a separate one
/// that may be broken or deleted without harm.
/// </summary>
internal sealed class Workspace
{
    private readonly SemaphoreSlim _one = new(1, 1);

    // The record of it lies where a call can write.
    private string? _seed;

    // The tree of the last checkpoint's commit, to save a git process asking for it.
    private (string Commit, string Tree) _last;

    /// <summary>Fills the work tree once. A seed that broke off is begun anew.</summary>
    public async Task<string> SeedAsync(Func<Task<ChannelReader<Frame>>> upload, CancellationToken cancellationToken)
    {
        await _one.WaitAsync(cancellationToken);
        try
        {
            if (File.Exists(Layout.SeedMarker))
            {
                return await SeedTreeAsync();
            }

            Clear();
            await ExtractAsync(await upload(), cancellationToken);
            var tree = await FirstTreeAsync();
            await ModelRepositoryAsync(tree);
            await ShadowRepository.SeedCommitAsync(tree);
            Layout.WriteDurably(Layout.SeedMarker, System.Text.Encoding.UTF8.GetBytes(tree));
            _seed = tree;
            return tree;
        }
        finally
        {
            _one.Release();
        }
    }

    /// <returns>The tree id; the differences from the seed were handed to <paramref name="report"/> before.</returns>
    public Task<string> SnapshotAsync(Func<string, int, ReadOnlyMemory<byte>, Task> report, CancellationToken cancellationToken) =>
        AloneAsync(seed => WorkspaceDiff.TakeAsync(seed, report), cancellationToken);

    /// <param name="since">The last checkpoint's commit; null for the seeded tree.</param>
    public async Task<Checkpoint> CheckpointAsync(string? since, CancellationToken cancellationToken)
    {
        if (since is not null && !Restoration.IsId(since))
        {
            throw new RequestException($"'{since}' is not a commit id.");
        }

        try
        {
            return await AloneAsync(seed => CheckpointAsync(seed, since), cancellationToken);
        }
        finally
        {
            if (ShadowRepository.IsUntidy())
            {
                // Nobody waits for it.
                _ = Task.Run(() => AloneAsync(async _ => { await ShadowRepository.TidyAsync(); return ""; }, CancellationToken.None), CancellationToken.None);
            }
        }
    }

    /// <param name="fetch">Asks for the bundle at an index of the chain.</param>
    /// <returns>The tree that came out.</returns>
    public Task<string> RestoreAsync(
        IReadOnlyList<Restoration.Saved> chain, Func<int, Task<ReadOnlyMemory<byte>>> fetch, CancellationToken cancellationToken) =>
        AloneAsync(seed => Restoration.RunAsync(seed, chain, fetch), cancellationToken);

    private async Task<T> AloneAsync<T>(Func<string, Task<T>> work, CancellationToken cancellationToken)
    {
        await _one.WaitAsync(cancellationToken);
        try
        {
            if (!File.Exists(Layout.SeedMarker))
            {
                throw new RequestException("The sandbox was never seeded, so there is nothing to compare its files with.");
            }

            ShadowRepository.Unlock();
            return await work(await SeedTreeAsync());
        }
        finally
        {
            _one.Release();
        }
    }

    private async Task<string> SeedTreeAsync()
    {
        var recorded = await File.ReadAllTextAsync(Layout.SeedMarker, CancellationToken.None);
        return (_seed ??= recorded) == recorded && Restoration.IsId(recorded)
            ? recorded
            : throw new DamageException("The sandbox's record of what it was seeded with was changed.");
    }

    private async Task<Checkpoint> CheckpointAsync(string seed, string? since)
    {
        var parent = since ?? await ShadowRepository.SeedCommitAsync(seed);
        var tree = parent == _last.Commit ? _last.Tree : since is null ? seed : await ShadowRepository.TreeOfAsync(parent);
        var checkpoint = await Checkpoint.TakeAsync(
            seed,
            parent, tree ?? throw new RequestException($"The sandbox does not have the checkpoint {parent} that this one is to follow; nothing was saved."));
        _last = (checkpoint.Commit, checkpoint.Tree);
        return checkpoint;
    }

    private static void Clear()
    {
        foreach (var entry in new DirectoryInfo(Layout.WorkTree).EnumerateFileSystemInfos())
        {
            if (entry is DirectoryInfo { LinkTarget: null } directory)
            {
                directory.Delete(recursive: true);
            }
            else
            {
                entry.Delete();
            }
        }

        if (Directory.Exists(Layout.ShadowGit))
        {
            Directory.Delete(Layout.ShadowGit, recursive: true);
        }
    }

    private static async Task ExtractAsync(ChannelReader<Frame> chunks, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo("tar") { RedirectStandardInput = true, RedirectStandardError = true };
        foreach (var argument in (string[])["--extract", "--file=-", "--no-same-owner", "--touch", "--directory=" + Layout.WorkTree])
        {
            start.ArgumentList.Add(argument);
        }

        CleanEnvironment.Apply(start);
        using var tar = OwnProcesses.Start(start);
        var errors = tar.StandardError.ReadToEndAsync(CancellationToken.None);
        try
        {
            for (var last = false; !last;)
            {
                var frame = await chunks.ReadAsync(cancellationToken);
                await tar.StandardInput.BaseStream.WriteAsync(frame.Payload, cancellationToken);
                last = frame.Message is Message.Chunk { Last: true };
            }

            tar.StandardInput.Close();
            await tar.WaitForExitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            tar.Kill();
            await tar.WaitForExitAsync(CancellationToken.None);
            throw;
        }
        catch (IOException)
        {
            // tar gave up; what it said is the reason.
            await tar.WaitForExitAsync(cancellationToken);
        }
        finally
        {
            OwnProcesses.End(tar);
        }

        if (tar.ExitCode != 0)
        {
            throw new RequestException($"The files could not be unpacked in the sandbox: {(await errors).Trim()}");
        }
    }

    private static async Task<string> FirstTreeAsync()
    {
        await ShadowRepository.CreateAsync();

        // With this threshold every file goes straight into one pack instead of an object file each: many times quicker for a large tree.
        await Git.RunAsync("-c", "core.bigFileThreshold=1", "-c", "core.compression=0", "add", "--all", "--force", ".");
        return await ShadowIndex.TreeAsync();
    }

    /// <summary>The repository the model finds: the same objects (linked, not shared), the same index, one commit.</summary>
    private static async Task ModelRepositoryAsync(string tree)
    {
        var git = Path.Combine(Layout.WorkTree, ".git");
        await Git.RunOnAsync(git, default, "init", "--quiet", "--template=", "--initial-branch=main");
        if (await OwnProcesses.RunAsync(
            "cp", "--recursive", "--link", "--no-target-directory", Path.Combine(Layout.ShadowGit, "objects"), Path.Combine(git, "objects")) != 0)
        {
            throw new RequestException("The objects of the work tree could not be linked into its repository.");
        }

        // The same rule here: with the repository's own conversions an untouched file could show as changed.
        Directory.CreateDirectory(Path.Combine(git, "info"));
        File.Copy(ShadowRepository.Attributes, Path.Combine(git, "info", "attributes"));
        File.Copy(Path.Combine(Layout.ShadowGit, "index"), Path.Combine(git, "index"));
        var commit = Git.Line(await Git.RunOnAsync(git, default, "commit-tree", "-m", "base", tree));
        await Git.RunOnAsync(git, default, "update-ref", "refs/heads/main", commit);
        foreach (var (name, value) in ((string, string)[])[("core.autocrlf", "false"), ("user.name", "v4"), ("user.email", "v4@localhost")])
        {
            await Git.RunOnAsync(git, default, "config", name, value);
        }
    }
}
