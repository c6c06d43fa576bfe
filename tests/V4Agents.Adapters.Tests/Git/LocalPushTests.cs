using System.Diagnostics;
using System.Text;
using V4Agents.Core.Repositories;
using V4Agents.TestKit.Git;
using Xunit;

namespace V4Agents.Adapters.Tests.Git;

public sealed class LocalPushTests : IDisposable
{
    private readonly GitHouse _house = new();

    private TempRepository Source => _house.Source;

    [Theory]
    [InlineData("path")]
    [InlineData("file")]
    [InlineData("bare")]
    [InlineData("worktree")]
    public async Task Push_WhenTheBranchIsNew_MakesOneCommitOfThePatchThere(string kind)
    {
        var parent = Changed();
        var address = kind switch
        {
            "file" => "file://" + Source.Directory,
            "bare" => Clone("--bare"),
            "worktree" => Worktree(),
            _ => Source.Directory,
        };
        var request = await _house.RequestAsync(address: address);

        var pushed = await _house.PushedAsync(request);

        var place = kind == "file" ? Source.Directory : address;
        Assert.False(pushed.AlreadyThere);
        Assert.Equal(pushed.Commit, Git(place, "rev-parse", "refs/heads/v4agents/t-1"));
        Assert.Equal(
            $"{request.Tree}|{parent}|V4Agents <v4@localhost>|V4Agents <v4@localhost>|2026-11-24T11:14:15Z|Fix the thing\n\nTask: t-1\n",
            Git(place, "show", "-s", "--date=format-local:%Y-%m-%dT%H:%M:%SZ", "--format=%T|%P|%an <%ae>|%cn <%ce>|%ad|%B", pushed.Commit).TrimEnd() + "\n");
        Assert.Equal("", Git(place, "fsck", "--strict", "--no-dangling"));
    }

    [Fact]
    public async Task Push_WhenTheServiceDiedBeforeRecordingIt_FindsItThere()
    {
        Changed();
        var request = await _house.RequestAsync();
        var first = await _house.PushedAsync(request);

        Assert.Equal(first with { AlreadyThere = true }, await _house.PushedAsync(request));
        Assert.Equal(first with { AlreadyThere = true }, await _house.PushedAsync(request with { At = request.At.ToUniversalTime() }));
    }

    [Fact]
    public async Task Push_WhenTheMirrorWasLost_MakesTheSameCommitFromTheDiff()
    {
        Source.Write("crlf", "a\r\nb\r\n").Write("b.bin", [0, 1, 2]).Write("gone/x", "x").Link("link", "crlf").Write("d/ü 漢\n", "1\n").Write("run", "#!").Commit();
        // A mode of old in a folder that stays as it is, and a submodule: no index keeps the first, and no patch may touch the second.
        var folder = MakeTree($"100664 blob {Source.Git("rev-parse", "main:run")}\tkept\n");
        var old = MakeTree($"{Source.Git("ls-tree", "main")}\n040000 tree {folder}\told\n160000 commit {Source.Git("rev-parse", "main")}\tsub\n");
        var parent = Source.Git("commit-tree", "-m", "old", "-p", "main", old);
        Source.Git("reset", "--quiet", "--hard", parent);
        Source.Write("crlf", "a\r\nB\r\n").Write("b.bin", [9, 0, 9]).Remove("gone").Remove("link").Write("link", "no longer").Write("d/ü 漢\n", "2").Write("new/run", [1], executable: true);
        var request = await _house.RequestAsync();
        var first = await _house.PushedAsync(request);
        Source.Git("branch", "-D", request.Branch);
        Source.Git("-c", "gc.reflogExpire=now", "gc", "--quiet", "--prune=now");
        Directory.Delete(_house.MirrorOf(request.Repository), recursive: true);
        Assert.False(await _house.Repositories.HasAsync(request.Repository, request.Parent, GitHouse.Cancel));
        await _house.ReadyAsync(request.Parent);

        Assert.Equal(first, await _house.PushedAsync(request));
        Assert.Equal((folder, "160000"), (Source.Git("rev-parse", first.Commit + ":old"), Source.Git("ls-tree", first.Commit, "sub")[..6]));
    }

    [Fact]
    public async Task Push_WhenTheDiffGivesAnotherTree_PushesNothing()
    {
        Changed();
        var request = await _house.RequestAsync() with { Tree = new string('e', 40) };

        var failure = await Assert.ThrowsAsync<RepositoryException>(() => _house.Repositories.PushAsync(request, GitHouse.Cancel));
        var cut = await Assert.ThrowsAsync<RepositoryException>(() => _house.Repositories.PushAsync(request with { Diff = request.Diff[..^20] }, GitHouse.Cancel));

        Assert.Equal((false, false), (failure.IsTransient, cut.IsTransient));
        Assert.Equal("refs/heads/main", Source.Git("for-each-ref", "--format=%(refname)"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Push_WhenTheBranchHasOtherWork_LeavesItAndNamesBoth(bool packed)
    {
        var parent = Changed();
        var request = await _house.RequestAsync();
        Source.Git("branch", request.Branch, parent);
        Source.Git(packed ? ["pack-refs", "--all"] : ["status"]);

        var reason = await _house.PushRefusedAsync(request);

        Assert.Contains(parent, reason);
        Assert.Contains("choose another branch", reason);
        Assert.Equal(parent, Source.Git("rev-parse", "refs/heads/" + request.Branch));
    }

    [Theory]
    [InlineData("a", "a/b", false)]
    [InlineData("a", "a/b", true)]
    [InlineData("a/b", "a", false)]
    [InlineData("a/b", "a", true)]
    public async Task Push_WhenAnotherBranchLeavesNoRoom_IsRefused(string existing, string branch, bool packed)
    {
        Changed();
        var request = await _house.RequestAsync(branch);
        Source.Git("branch", existing);
        Source.Git(packed ? ["pack-refs", "--all", "--prune"] : ["status"]);

        Assert.Contains($"'refs/heads/{existing}', which leaves no room", await _house.PushRefusedAsync(request));
        Source.Git("branch", "-D", existing);
        Directory.CreateDirectory(Path.Combine(Source.Directory, ".git/refs/heads/a"));
        await _house.PushedAsync(request);
    }

    [Fact]
    public async Task Push_WhenTheRepositoryIsHostile_RunsNothingOfIt()
    {
        Changed();
        var request = await _house.RequestAsync();
        var mark = Source.Beside("ran");
        var program = Source.Beside("evil");
        await File.WriteAllTextAsync(program, $"#!/bin/sh\ntouch {mark}\n", GitHouse.Cancel);
        foreach (var hook in new[] { "pre-receive", "update", "post-receive", "post-update", "reference-transaction", "proc-receive", "push-to-checkout", "post-index-change", "pre-push", "pre-auto-gc" })
        {
            Source.Write(".git/hooks/" + hook, Encoding.UTF8.GetBytes($"#!/bin/sh\ntouch {mark}\n"), executable: true);
        }

        Source.Git("clone", "--quiet", "--bare", ".", Source.Beside("alternate.git"));
        await File.WriteAllTextAsync(Path.Combine(Source.Directory, ".git/objects/info/alternates"), Source.Beside("alternate.git/objects") + "\n", GitHouse.Cancel);
        foreach (var setting in new[] { "core.fsmonitor", "core.alternateRefsCommand", "core.sshCommand", "core.pager", "gpg.program", "uploadpack.packObjectsHook", "hook.evil.command" })
        {
            Source.Git("config", setting, $"sh {program}");
        }

        Source.Git("config", "hook.evil.event", "reference-transaction");
        Source.Git("config", "receive.denyCurrentBranch", "updateInstead");
        Source.Git("config", "gc.auto", "1");
        File.Delete(mark);

        await _house.PushedAsync(request);

        Assert.False(File.Exists(mark));
        // The traps work: git itself walks into them.
        Source.Git("push", "--quiet", Source.Directory, "main:refs/heads/by-git");
        Assert.True(File.Exists(mark));
    }

    [Fact]
    public async Task Push_WhenTheBranchIsCheckedOutAndUnborn_IsRefused()
    {
        Changed();
        var request = await _house.RequestAsync("fresh");
        Source.Git("symbolic-ref", "HEAD", "refs/heads/fresh");

        Assert.Contains("is checked out", await _house.PushRefusedAsync(request));
    }

    [Theory]
    [InlineData("")]
    [InlineData("HEAD")]
    [InlineData("@")]
    [InlineData("-x")]
    [InlineData("a b")]
    [InlineData("a..b")]
    [InlineData("a/")]
    [InlineData("/a")]
    [InlineData("a//b")]
    [InlineData("a.lock")]
    [InlineData("../../config")]
    [InlineData("a/../b")]
    [InlineData(".a")]
    [InlineData("a:b")]
    [InlineData("a\nb")]
    [InlineData("a@{1}")]
    [InlineData("0123456789012345678901234567890123456789")]
    public async Task Push_WhenTheBranchHasABadName_IsRefused(string branch)
    {
        Changed();
        var request = await _house.RequestAsync(branch);

        Assert.Contains("cannot be the name of a branch", await _house.PushRefusedAsync(request));
        Assert.Equal("refs/heads/main", Source.Git("for-each-ref", "--format=%(refname)"));
    }

    [Fact]
    public async Task Push_WhenManyPushTheSame_AllFindIt()
    {
        Changed();
        var request = await _house.RequestAsync();

        var all = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => _house.PushedAsync(request)));

        Assert.Single(all.Select(pushed => pushed.Commit).Distinct());
        Assert.Equal("", Source.Git("fsck", "--strict", "--no-dangling"));
        Assert.Empty(Directory.GetFiles(Path.Combine(Source.Directory, ".git"), "*v4agents*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task Push_WhenManyPushDifferentCommits_ExactlyOneWins()
    {
        Changed();
        var request = await _house.RequestAsync();

        var all = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => _house.Repositories.PushAsync(request with { Message = $"try {i}" }, GitHouse.Cancel)));

        var winner = Assert.Single(all.OfType<PushOutcome.Pushed>());
        Assert.Equal(winner.Commit, Source.Git("rev-parse", "refs/heads/" + request.Branch));
        Assert.All(all.OfType<PushOutcome.Refused>(), refused => Assert.Contains(winner.Commit, refused.Reason));
        Assert.Equal(7, all.OfType<PushOutcome.Refused>().Count());
    }

    [Fact]
    public async Task Push_WhenAKilledTryLeftItsLock_TakesItOver()
    {
        Changed();
        var request = await _house.RequestAsync();
        var commit = (await _house.PushedAsync(request)).Commit;
        Source.Git("branch", "-D", request.Branch);
        Source.Write($".git/refs/heads/{request.Branch}.lock", commit + "\n");

        Assert.Equal(new PushOutcome.Pushed(commit, AlreadyThere: false), await _house.PushedAsync(request));
        Assert.Equal(commit, Source.Git("rev-parse", "refs/heads/" + request.Branch));
    }

    [Fact]
    public async Task Push_WhenAnotherProgramHoldsTheLock_FailsForNow()
    {
        Changed();
        var request = await _house.RequestAsync();
        Source.Write($".git/refs/heads/{request.Branch}.lock", "");

        var failure = await Assert.ThrowsAsync<RepositoryException>(() => _house.Repositories.PushAsync(request, GitHouse.Cancel));

        Assert.True(failure.IsTransient);
        Assert.True(File.Exists(Path.Combine(Source.Directory, $".git/refs/heads/{request.Branch}.lock")));
    }

    [Fact]
    public async Task Push_WhenTheRepositoryHasLostTheParent_BringsItsHistoryToo()
    {
        Source.Write("a.txt", "0").Commit();
        Source.Write("a.txt", "1").Commit();
        var parent = Changed();
        var request = await _house.RequestAsync();
        Source.Git("reset", "--quiet", "--hard", "HEAD~2");
        Source.Git("reflog", "expire", "--expire=now", "--all");
        Source.Git("gc", "--quiet", "--prune=now");
        Assert.Throws<InvalidOperationException>(() => Source.Git("cat-file", "-e", parent));

        var pushed = await _house.PushedAsync(request);

        Assert.Equal(parent, Source.Git("rev-parse", pushed.Commit + "^"));
        Assert.Equal("", Source.Git("fsck", "--strict", "--no-dangling"));
    }

    [Fact]
    public async Task Push_WhenTheRepositoryIsOnAReadOnlyDisk_IsRefused()
    {
        Assert.SkipUnless(Environment.UserName == "root", "only root can mount");
        Changed();
        var request = await _house.RequestAsync();
        await RunAsync("mount", "--bind", "-o", "ro", Source.Directory, Source.Directory);
        try
        {
            Assert.Contains("Read-only file system", await _house.PushRefusedAsync(request));
        }
        finally
        {
            await RunAsync("umount", Source.Directory);
        }
    }

    [Fact]
    public async Task Push_WhenAKilledTryLeftItsPacks_AreRemovedLater()
    {
        Changed();
        var request = await _house.RequestAsync();
        var objects = Path.Combine(_house.MirrorOf(request.Repository), "objects");
        var left = Directory.CreateDirectory(Path.Combine(objects, "push-killed")).FullName;
        var fresh = Directory.CreateDirectory(Path.Combine(objects, "push-running")).FullName;
        Directory.SetLastWriteTimeUtc(left, DateTime.UtcNow - TimeSpan.FromHours(1));

        await _house.PushedAsync(request);
        await _house.ReadyAsync();

        Assert.Equal([fresh], Directory.GetDirectories(objects, "push-*"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Push_WhenSomeRefsLeadToNoCommit_IsNotTroubledByThem(bool lost)
    {
        Source.Write("a.txt", "0").Commit();
        Changed();
        var request = await _house.RequestAsync();
        Source.Git("tag", "a-file", "HEAD:a.txt");
        Source.Git("tag", "-a", "-m", "x", "a-tree", "HEAD~1^{tree}");
        Source.Git("tag", "-a", "-m", "x", "a-tag", "HEAD~1");
        Source.Git("tag", "-a", "-m", "x", "a-tag-of-a-tag", "a-tag");
        Source.Git("symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/gone");
        if (lost)
        {
            Source.Git("reset", "--quiet", "--hard", "HEAD~1");
            Source.Git("reflog", "expire", "--expire=now", "--all");
            Source.Git("gc", "--quiet", "--prune=now");
        }

        var pushed = await _house.PushedAsync(request);

        Assert.Equal(pushed.Commit, Source.Git("rev-parse", request.Branch));
        Source.Git("symbolic-ref", "--delete", "refs/remotes/origin/HEAD");
        Assert.Equal("", Source.Git("fsck", "--strict", "--no-dangling"));
    }

    [Fact]
    public async Task Push_WhenTheRepositoryIsGone_IsRefused()
    {
        Changed();
        var request = await _house.RequestAsync();

        Assert.Contains("There is no folder", await _house.PushRefusedAsync(request with { Address = Source.Beside("nowhere") }));
    }

    public void Dispose() => _house.Dispose();

    private string Changed()
    {
        var parent = Source.Write("a.txt", "a\n").Write("d/b.txt", "b\n").Commit();
        Source.Write("a.txt", "A\n").Write("d/new.txt", "n\n").Remove("d/b.txt");
        return parent;
    }

    private static async Task RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(program, arguments);
        await process.WaitForExitAsync(GitHouse.Cancel);
        Assert.Equal(0, process.ExitCode);
    }

    private string MakeTree(string entries) => Encoding.UTF8.GetString(TempRepository.RunIn(Source.Directory, Encoding.UTF8.GetBytes(entries), "mktree")).Trim();

    private string Clone(string how)
    {
        Source.Git("clone", "--quiet", how, ".", Source.Beside("clone"));
        return Source.Beside("clone");
    }

    private string Worktree()
    {
        Source.Git("worktree", "add", "--quiet", "--detach", Source.Beside("tree"), "main");
        return Source.Beside("tree");
    }

    private static string Git(string place, params string[] arguments) =>
        Encoding.UTF8.GetString(TempRepository.RunIn(place, null, [.. arguments])).TrimEnd('\n');
}
