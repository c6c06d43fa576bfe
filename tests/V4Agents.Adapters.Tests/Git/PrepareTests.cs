using System.Diagnostics;
using Microsoft.Extensions.Time.Testing;
using V4Agents.Core.Repositories;
using V4Agents.Core.Tasks;
using V4Agents.Git.Mirrors;
using V4Agents.TestKit.Git;
using Xunit;

namespace V4Agents.Adapters.Tests.Git;

public sealed class PrepareTests : IDisposable
{
    private readonly GitHouse _house = new();

    private TempRepository Source => _house.Source;

    [Fact]
    public async Task Prepare_WhenRefIsNull_TakesHead()
    {
        var commit = Source.Write("a.txt", "a").Write("d/b.txt", "b").Commit();

        var ready = await _house.ReadyAsync();

        Assert.Equal(new PreparedRepository(ready.Id, "HEAD", commit, Source.Git("rev-parse", "HEAD^{tree}"), Files: 2), ready);
    }

    [Theory]
    [InlineData("main")]
    [InlineData("refs/heads/main")]
    [InlineData("v1")]
    [InlineData("refs/tags/v1")]
    [InlineData("@")]
    [InlineData("next~1")]
    [InlineData("refs/pull/7/head")]
    [InlineData("pull/7/head")]
    public async Task Prepare_WhenRefNamesCommit_ResolvesIt(string reference)
    {
        var commit = Source.Write("a.txt", "a").Commit();
        Source.Git("tag", "-a", "-m", "one", "v1");
        Source.Git("update-ref", "refs/pull/7/head", commit);
        Source.Git("checkout", "--quiet", "-b", "next");
        Source.Write("a.txt", "b").Commit();
        Source.Git("checkout", "--quiet", "main");

        Assert.Equal(commit, (await _house.ReadyAsync(reference)).Commit);
        Assert.Equal(reference, (await _house.ReadyAsync(reference)).Ref);
        Assert.Equal(commit, (await _house.ReadyAsync(commit)).Commit);
        Assert.Equal(commit, (await _house.ReadyAsync(commit[..9])).Commit);
    }

    [Fact]
    public async Task Prepare_WhenCommitIsOnNoBranch_FetchesIt()
    {
        Source.Write("a.txt", "a").Commit();
        var lost = Source.Write("a.txt", "b").Commit();
        Source.Git("reset", "--quiet", "--hard", "HEAD~1");

        Assert.Equal(lost, (await _house.ReadyAsync(lost)).Commit);
    }

    [Fact]
    public async Task Prepare_WhenBranchesMoveAndGo_FollowsThem()
    {
        var first = Source.Write("a.txt", "a").Commit();
        Source.Git("branch", "topic");
        await _house.ReadyAsync("topic");
        Source.Git("branch", "-D", "topic");
        Source.Git("branch", "topic/sub");
        Source.Git("checkout", "--quiet", "--orphan", "other");
        var rewritten = Source.Write("a.txt", "z").Commit();
        Source.Git("branch", "--force", "main", rewritten);

        Assert.Equal(rewritten, (await _house.ReadyAsync("main")).Commit);
        Assert.Equal(first, (await _house.ReadyAsync("topic/sub")).Commit);
        await _house.RefusedAsync(FailureCode.RefNotFound, Source.Directory, "topic");
        Assert.Equal(first, (await _house.ReadyAsync(first)).Commit);
    }

    [Fact]
    public async Task Prepare_WhenPathsLeadToOneRepository_UsesOneMirror()
    {
        Source.Write("d/a.txt", "a").Commit();
        File.CreateSymbolicLink(Source.Beside("link"), Source.Directory);
        string[] addresses = [Source.Directory, Source.Directory + "/", Source.Directory + "/d", Source.Beside("link"), "file://" + Source.Directory];

        var ids = new HashSet<RepositoryId>();
        foreach (var address in addresses)
        {
            ids.Add((await _house.ReadyAsync(address: address)).Id);
        }

        Assert.Single(ids);
        Assert.Single(Directory.GetDirectories(_house.Mirrors));
    }

    [Fact]
    public async Task Prepare_WhenRepositoryIsBareOrWorktree_TakesItsOwnHead()
    {
        Source.Write("a.txt", "a").Commit();
        var main = Source.Write("a.txt", "b").Commit();
        Source.Git("clone", "--quiet", "--bare", ".", Source.Beside("bare.git"));
        Source.Git("worktree", "add", "--quiet", "--detach", Source.Beside("tree"), "HEAD~1");

        Assert.Equal(main, (await _house.ReadyAsync(address: Source.Beside("bare.git"))).Commit);
        Assert.Equal(Source.Git("rev-parse", "HEAD~1"), (await _house.ReadyAsync(address: Source.Beside("tree"))).Commit);
    }

    [Fact]
    public async Task Prepare_WhenManyAskAtOnce_AllGetTheSame()
    {
        Source.Write("a.txt", "a").Commit();

        var all = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => _house.ReadyAsync()));

        Assert.Single(all.Distinct());
        Assert.Single(Directory.GetDirectories(_house.Mirrors));
    }

    [Fact]
    public async Task Lock_WhenAnotherProcessHoldsIt_WaitsForIt()
    {
        var path = Source.Beside("x.lock");
        var start = new ProcessStartInfo("flock", [path, "sh", "-c", "echo held; read line"]) { RedirectStandardInput = true, RedirectStandardOutput = true };
        using var other = Process.Start(start)!;
        Assert.Equal("held", await other.StandardOutput.ReadLineAsync(GitHouse.Cancel));
        var time = new FakeTimeProvider();

        var taking = MirrorLock.TakeAsync(path, time, GitHouse.Cancel);

        Assert.False(taking.IsCompleted);
        other.StandardInput.Close();
        await other.WaitForExitAsync(GitHouse.Cancel);
        time.Advance(TimeSpan.FromSeconds(1));
        (await taking).Dispose();
    }

    [Fact]
    public async Task Prepare_WhenEarlierCloneWasKilled_StartsCleanAndLeavesNothing()
    {
        Source.Write("a.txt", "a").Commit();
        var id = (await _house.ReadyAsync()).Id;
        Directory.Move(_house.MirrorOf(id), Path.Combine(_house.Mirrors, id + ".new-killed"));

        await _house.ReadyAsync();

        Assert.Equal([_house.MirrorOf(id)], Directory.GetDirectories(_house.Mirrors));
    }

    [Fact]
    public async Task Prepare_WhenAnotherUserOwnsTheRepository_ReadsIt()
    {
        Assert.SkipUnless(Environment.UserName == "root", "only root can give files away");
        var commit = Source.Write("a.txt", "a").Commit();
        using (var chown = Process.Start("chown", ["-R", "12345:12345", Source.Directory]))
        {
            await chown.WaitForExitAsync(GitHouse.Cancel);
        }

        Assert.Null(await _house.Repositories.ProbeAsync(Source.Directory, "main", GitHouse.Cancel));
        Assert.Equal(commit, (await _house.ReadyAsync("main")).Commit);
    }

    [Fact]
    public async Task Prepare_WhenRepositoryHasHooks_RunsNone()
    {
        Source.Write("a.txt", "a").Commit();
        var mark = Source.Beside("ran");
        Source.Write(".git/hooks/post-checkout", System.Text.Encoding.UTF8.GetBytes($"#!/bin/sh\ntouch {mark}\n"), executable: true);
        Source.Git("config", "uploadpack.packObjectsHook", $"touch {mark}; exec");
        Source.Git("config", "core.fsmonitor", $"touch {mark}");

        await _house.ReadyAsync();

        Assert.False(File.Exists(mark));
    }

    [Fact]
    public async Task Has_WhenTheMirrorIsThereOrGone_SaysSo()
    {
        var commit = Source.Write("a.txt", "a").Commit();
        var id = (await _house.ReadyAsync()).Id;

        Assert.True(await _house.Repositories.HasAsync(id, commit, GitHouse.Cancel));
        Assert.False(await _house.Repositories.HasAsync(id, new string('a', 40), GitHouse.Cancel));
        Directory.Delete(_house.MirrorOf(id), recursive: true);
        Assert.False(await _house.Repositories.HasAsync(id, commit, GitHouse.Cancel));
    }

    [Theory]
    [InlineData("pack")]
    [InlineData("HEAD")]
    [InlineData("idx cut")]
    public async Task Prepare_WhenTheMirrorIsDamaged_SetsItAsideAndGetsTheSameCommitAgain(string damage)
    {
        Source.Write("a.txt", "a").Commit();
        var lost = Source.Write("a.txt", "b").Commit();
        var ready = await _house.ReadyAsync(lost);
        Source.Git("reset", "--quiet", "--hard", "HEAD~1");
        var mirror = _house.MirrorOf(ready.Id);
        var packs = Path.Combine(mirror, "objects", "pack");
        foreach (var file in damage == "HEAD" ? [Path.Combine(mirror, "HEAD")] : Directory.GetFiles(packs, damage == "pack" ? "*.pack" : "*.idx"))
        {
            File.Delete(file);
            if (damage == "idx cut")
            {
                await File.WriteAllTextAsync(file, "cut", GitHouse.Cancel);
            }
        }

        Assert.False(await _house.Repositories.HasAsync(ready.Id, lost, GitHouse.Cancel));
        Assert.Equal(ready with { Ref = lost }, await _house.ReadyAsync(lost));
        Assert.True(await _house.Repositories.HasAsync(ready.Id, lost, GitHouse.Cancel));
        Assert.Single(Directory.GetDirectories(_house.Mirrors, "*.damaged-*"));
    }

    [Fact]
    public async Task Prepare_WhenABranchIsNamedLikeACommit_TakesTheCommit()
    {
        var commit = Source.Write("a.txt", "a").Commit();
        var other = Source.Write("a.txt", "b").Commit();
        Source.Git("update-ref", "refs/heads/" + commit, other);

        Assert.Equal(commit, (await _house.ReadyAsync(commit)).Commit);
    }

    public void Dispose() => _house.Dispose();
}
