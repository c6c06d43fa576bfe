using V4Agents.Core.Tasks;
using V4Agents.Git;
using V4Agents.TestKit.Git;
using Xunit;

namespace V4Agents.Adapters.Tests.Git;

public sealed class ProbeTests : IDisposable
{
    private readonly GitHouse _house = new();

    [Fact]
    public async Task Probe_WhenFolderIsMissing_SaysNotFound() =>
        await _house.RefusedAsync(FailureCode.RepositoryNotFound, _house.Source.Beside("nowhere"));

    [Fact]
    public async Task Probe_WhenFolderIsNoRepository_SaysSo() =>
        await _house.RefusedAsync(FailureCode.NotARepository, Directory.CreateDirectory(_house.Source.Beside("plain")).FullName);

    [Fact]
    public async Task Probe_WhenPathIsFileInRepository_SaysNotARepository()
    {
        _house.Source.Write("a.txt", "a").Commit();

        await _house.RefusedAsync(FailureCode.NotARepository, Path.Combine(_house.Source.Directory, "a.txt"));
    }

    [Fact]
    public async Task Probe_WhenNothingIsCommitted_SaysEmpty()
    {
        await _house.RefusedAsync(FailureCode.RepositoryEmpty, _house.Source.Directory);
        await _house.RefusedAsync(FailureCode.RepositoryEmpty, "file://" + _house.Source.Directory);
    }

    [Fact]
    public async Task Probe_WhenRefIsMisspelt_SuggestsTheRightOne()
    {
        _house.Source.Write("a.txt", "a").Commit();
        _house.Source.Git("branch", "feature/login");

        var refused = await _house.RefusedAsync(FailureCode.RefNotFound, _house.Source.Directory, "feature/lgoin");

        Assert.Contains("'feature/login'", refused.Message);
    }

    [Theory]
    [InlineData("--upload-pack=touch /tmp/x")]
    [InlineData("-main")]
    [InlineData("HEAD:a.txt")]
    [InlineData("deadbeef")]
    [InlineData("main\nmain")]
    [InlineData("")]
    public async Task Probe_WhenRefIsNoCommit_SaysNotFound(string reference)
    {
        _house.Source.Write("a.txt", "a").Commit();

        await _house.RefusedAsync(FailureCode.RefNotFound, _house.Source.Directory, reference);
    }

    [Theory]
    [InlineData("work")]
    [InlineData("./work")]
    [InlineData("--upload-pack=id")]
    [InlineData("ext::sh -c id")]
    [InlineData("ext://x/y")]
    [InlineData("ssh://-oProxyCommand=id/x")]
    [InlineData("-oProxyCommand=id:x")]
    [InlineData("")]
    public async Task Probe_WhenAddressIsRelativeOrUnknown_IsRefused(string address) =>
        await _house.RefusedAsync(FailureCode.RepositoryNotFound, address);

    [Theory]
    [InlineData("http://127.0.0.1:1/x.git")]
    [InlineData("ssh://git@127.0.0.1:1/x.git")]
    public async Task Probe_WhenNobodyListens_SaysUnreachable(string address) =>
        await _house.RefusedAsync(FailureCode.RepositoryUnreachable, address);

    [Fact]
    public async Task Probe_WhenAddressHoldsCredentials_DoesNotRepeatThem()
    {
        var refused = await _house.RefusedAsync(FailureCode.RepositoryUnreachable, "http://me:s3cr3t@127.0.0.1:1/x.git?token=t0k3n");

        Assert.DoesNotContain("s3cr3t", refused.Message);
        Assert.DoesNotContain("t0k3n", refused.Message);
    }

    [Fact]
    public async Task Probe_WhenRepositoryAndRefExist_IsSilentAndMirrorsNothing()
    {
        _house.Source.Write("a.txt", "a").Commit();

        Assert.Null(await _house.Repositories.ProbeAsync(_house.Source.Directory, "main", GitHouse.Cancel));
        Assert.False(Directory.Exists(_house.Mirrors));
    }

    [Fact]
    public void Version_WhenGitIsInstalled_IsNumber() => Assert.Matches(@"^\d+\.\d+", GitProbe.Version());

    public void Dispose() => _house.Dispose();
}
