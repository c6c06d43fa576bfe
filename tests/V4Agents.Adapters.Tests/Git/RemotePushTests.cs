using System.Text;
using V4Agents.Core.Repositories;
using V4Agents.TestKit.Git;
using Xunit;

namespace V4Agents.Adapters.Tests.Git;

public sealed class RemotePushTests : IAsyncLifetime
{
    private readonly GitHouse _house = new();
    private GitServer? _server;
    private string _parent = "";

    private TempRepository Source => _house.Source;

    private GitServer Server => _server!; // Set before the first test.

    private string Served => Source.Beside("served.git");

    private string Address => Server.Address("served.git");

    public async ValueTask InitializeAsync()
    {
        _parent = Source.Write("a.txt", "a\n").Commit();
        Source.Git("clone", "--quiet", "--bare", "--template=", ".", Served);
        Remote("config", "http.receivepack", "true");
        _server = await GitServer.StartAsync(Source.Beside(""));
        Source.Write("a.txt", "A\n").Write("b/c.txt", "c\n");
    }

    [Fact]
    public async Task Push_WhenTheBranchIsNew_MakesItAndFindsItAfterwards()
    {
        var request = await _house.RequestAsync(address: Address);

        var pushed = await _house.PushedAsync(request);

        Assert.Equal((pushed.Commit, request.Tree, _parent), (Remote("rev-parse", request.Branch), Remote("rev-parse", request.Branch + "^{tree}"), Remote("rev-parse", request.Branch + "^")));
        Assert.Equal(pushed with { AlreadyThere = true }, await _house.PushedAsync(request));
        Assert.Equal(["refs/heads/main", "refs/heads/" + request.Branch], Remote("for-each-ref", "--format=%(refname)").Split('\n'));
    }

    [Fact]
    public async Task Push_WhenTheSamePatchGoesToARepositoryOnThisMachine_IsTheSameCommit()
    {
        var request = await _house.RequestAsync(address: Address);

        Assert.Equal(await _house.PushedAsync(request), await _house.PushedAsync(request with { Address = Source.Directory }));
    }

    [Fact]
    public async Task Push_WhenTheAnswerIsLost_LooksAgain()
    {
        var request = await _house.RequestAsync(address: Address);
        Server.LosesAnswers = true;

        var pushed = await _house.PushedAsync(request);

        Assert.Equal(pushed.Commit, Remote("rev-parse", request.Branch));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Push_WhenItIsLostOnTheWay_FailsForNow(bool locked)
    {
        var request = await _house.RequestAsync(address: Address);
        Server.LosesRequests = !locked;
        if (locked)
        {
            // Another push of the remote's is at the same ref.
            var held = Path.Combine(Served, "refs/heads", request.Branch + ".lock");
            Directory.CreateDirectory(Path.GetDirectoryName(held)!);
            await File.WriteAllTextAsync(held, "", GitHouse.Cancel);
        }

        var failure = await Assert.ThrowsAsync<RepositoryException>(() => _house.Repositories.PushAsync(request, GitHouse.Cancel));

        Assert.True(failure.IsTransient);
        Assert.Equal("refs/heads/main", Remote("for-each-ref", "--format=%(refname)"));
    }

    [Fact]
    public async Task Push_WhenTheBranchHasOtherWork_LeavesItAndNamesBoth()
    {
        var request = await _house.RequestAsync(address: Address);
        Remote("branch", request.Branch, _parent);

        var reason = await _house.PushRefusedAsync(request);

        Assert.Contains(_parent, reason);
        Assert.DoesNotContain(GitServer.Password, reason);
        Assert.Equal(_parent, Remote("rev-parse", request.Branch));
    }

    [Fact]
    public async Task Push_WhenManyPushDifferentCommits_ExactlyOneWins()
    {
        var request = await _house.RequestAsync(address: Address);

        var all = await Task.WhenAll(Enumerable.Range(0, 4).Select(i => _house.Repositories.PushAsync(request with { Message = $"try {i}" }, GitHouse.Cancel)));

        var winner = Assert.Single(all.OfType<PushOutcome.Pushed>());
        Assert.Equal(winner.Commit, Remote("rev-parse", request.Branch));
        Assert.All(all.OfType<PushOutcome.Refused>(), refused => Assert.Contains(winner.Commit, refused.Reason));
    }

    [Fact]
    public async Task Push_WhenTheRemoteRefuses_SaysItsWordsWithoutSecrets()
    {
        var request = await _house.RequestAsync(address: Address);
        var hook = Path.Combine(Served, "hooks", "pre-receive");
        Directory.CreateDirectory(Path.GetDirectoryName(hook)!);
        await File.WriteAllTextAsync(hook, $"#!/bin/sh\necho 'GL-1: no robots, {GitServer.Password}' >&2\nexit 1\n", GitHouse.Cancel);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(hook, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        }

        var reason = await _house.PushRefusedAsync(request);

        Assert.Contains("pre-receive hook declined", reason);
        Assert.Contains("GL-1: no robots, [secret]", reason);
        Assert.DoesNotContain(GitServer.Password, reason);
    }

    [Theory]
    [InlineData("wr0ng-pass")]
    [InlineData(null)]
    public async Task Push_WhenTheAccountMayNot_IsRefusedWithoutSecrets(string? password)
    {
        var request = await _house.RequestAsync(address: Address);
        Remote("config", "http.receivepack", password is null ? "false" : "true");

        var reason = await _house.PushRefusedAsync(request with { Address = Server.Address("served.git", password ?? GitServer.Password) });

        Assert.DoesNotContain("wr0ng-pass", reason);
        Assert.DoesNotContain(GitServer.Password, reason);
    }

    [Fact]
    public async Task Push_WhenTheRemoteIsGone_FailsForNow()
    {
        var request = await _house.RequestAsync(address: Address);
        await Server.DisposeAsync();

        var failure = await Assert.ThrowsAsync<RepositoryException>(() => _house.Repositories.PushAsync(request, GitHouse.Cancel));

        Assert.True(failure.IsTransient);
        Assert.DoesNotContain(GitServer.Password, failure.Message);
    }

    [Theory]
    [InlineData("main~1")]
    [InlineData("refs/pull/7/head")]
    public async Task Prepare_WhenTheMirrorIsGone_GetsTheExactCommitAgain(string where)
    {
        var next = Source.Git("commit-tree", "-m", "x", "-p", _parent, _parent + "^{tree}");
        Source.Git("push", "--quiet", Served, where == "main~1" ? $"{next}:refs/heads/main" : $"{next}:{where}");
        var commit = Remote("rev-parse", where);
        var ready = await _house.ReadyAsync(where == "main~1" ? where : "pull/7/head", Address);
        Directory.Delete(_house.MirrorOf(ready.Id), recursive: true);
        Assert.False(await _house.Repositories.HasAsync(ready.Id, commit, GitHouse.Cancel));

        Assert.Equal(ready with { Ref = commit }, await _house.ReadyAsync(commit, Address));
        Assert.True(await _house.Repositories.HasAsync(ready.Id, commit, GitHouse.Cancel));
    }

    [Fact]
    public async Task Prepare_WhenABranchIsNamedLikeACommit_TakesTheCommit()
    {
        var next = Source.Git("commit-tree", "-m", "x", "-p", _parent, _parent + "^{tree}");
        Source.Git("push", "--quiet", Served, $"{next}:refs/heads/{_parent}");

        Assert.Equal(_parent, (await _house.ReadyAsync(_parent, Address)).Commit);
    }

    public async ValueTask DisposeAsync()
    {
        await (_server?.DisposeAsync() ?? ValueTask.CompletedTask);
        _house.Dispose();
    }

    private string Remote(params string[] arguments) => Encoding.UTF8.GetString(TempRepository.RunIn(Served, null, arguments)).TrimEnd('\n');
}
