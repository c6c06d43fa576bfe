using System.Net;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using V4Agents.Core.Repositories;
using V4Agents.Core.Tasks;
using V4Agents.TestKit.Git;
using Xunit;

namespace V4Agents.Adapters.Tests.Git;

/// <summary>A remote over http on loopback that wants a password.</summary>
public sealed class RemoteTests : IAsyncLifetime
{
    private const string Password = "pa55-w0rd";
    private readonly GitHouse _house = new();
    private WebApplication? _server;
    private string _commit = "";

    private string Host => _server!.Urls.Single()["http://".Length..]; // Set before the first test.

    public async ValueTask InitializeAsync()
    {
        var source = _house.Source;
        source.Write("a.txt", "a").Commit();
        _commit = source.Write("a.txt", "b").Commit();
        source.Git("clone", "--quiet", "--bare", ".", source.Beside("served.git"));
        TempRepository.RunIn(source.Beside("served.git"), null, "update-server-info");
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        _server = builder.Build();
        _server.Urls.Add("http://127.0.0.1:0");
        _server.Run(AnswerAsync);
        await _server.StartAsync();
    }

    [Fact]
    public async Task Prepare_WhenAddressHoldsCredentials_UsesAndForgetsThem()
    {
        var ready = await _house.ReadyAsync("main~1", $"http://me:{Password}@{Host}/served.git");

        Assert.Equal(_house.Source.Git("rev-parse", "main~1"), ready.Commit);
        foreach (var file in Directory.EnumerateFiles(_house.Mirrors, "*", SearchOption.AllDirectories))
        {
            Assert.DoesNotContain(Password, await File.ReadAllTextAsync(file, Encoding.Latin1, GitHouse.Cancel));
        }
    }

    [Fact]
    public async Task Prepare_WhenTokenIsTheUser_UsesIt() =>
        Assert.Equal(_commit, (await _house.ReadyAsync(address: $"http://token@{Host}/served.git")).Commit);

    [Fact]
    public async Task Prepare_WhenServerMovesOn_Follows()
    {
        var address = $"http://me:{Password}@{Host}/served.git";
        var before = await _house.ReadyAsync(address: address);
        var next = _house.Source.Write("a.txt", "c").Commit();
        _house.Source.Git("push", "--quiet", _house.Source.Beside("served.git"), "main");
        TempRepository.RunIn(_house.Source.Beside("served.git"), null, "update-server-info");

        Assert.Equal(before with { Commit = next, Tree = _house.Source.Git("rev-parse", "main^{tree}") }, await _house.ReadyAsync(address: address));
    }

    [Fact]
    public async Task Probe_WhenPasswordIsWrong_SaysSoWithoutIt()
    {
        var refused = await _house.RefusedAsync(FailureCode.RepositoryUnreachable, $"http://me:wr0ng@{Host}/served.git");

        Assert.DoesNotContain("wr0ng", refused.Message);
        Assert.False(Directory.Exists(_house.Mirrors));
    }

    [Fact]
    public async Task Probe_WhenNoCredentialsAreGiven_NeverAsks() =>
        await _house.RefusedAsync(FailureCode.RepositoryUnreachable, $"http://{Host}/served.git");

    [Fact]
    public async Task Probe_WhenServerKnowsNoSuchRepository_SaysNotFound() =>
        await _house.RefusedAsync(FailureCode.RepositoryNotFound, $"http://me:{Password}@{Host}/other.git");

    [Fact]
    public async Task Probe_WhenRemoteLacksRef_SaysNotFound()
    {
        var refused = await _house.RefusedAsync(FailureCode.RefNotFound, $"http://me:{Password}@{Host}/served.git", "mian");

        Assert.Contains("'main'", refused.Message);
    }

    [Fact]
    public async Task Probe_WhenCommitIsNotMirrored_LetsItPass() => Assert.Null(
        await _house.Repositories.ProbeAsync($"http://me:{Password}@{Host}/served.git", new string('a', 40), GitHouse.Cancel));

    [Fact]
    public async Task Push_WhenServerOnlyGivesFiles_IsRefusedWithoutSecrets()
    {
        _house.Source.Write("a.txt", "z");
        var request = await _house.RequestAsync(address: $"http://me:{Password}@{Host}/served.git");

        var reason = await _house.PushRefusedAsync(request);

        Assert.Contains("takes no pushes", reason);
        Assert.DoesNotContain(Password, reason);
    }

    public async ValueTask DisposeAsync()
    {
        await (_server?.DisposeAsync() ?? ValueTask.CompletedTask);
        _house.Dispose();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        string[] accepted = [$"me:{Password}", "token:"];
        var sent = context.Request.Headers.Authorization.ToString();
        var file = Path.Combine(_house.Source.Beside(""), context.Request.Path.Value!.TrimStart('/'));
        if (!accepted.Any(pair => sent == "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes(pair))))
        {
            context.Response.Headers.WWWAuthenticate = "Basic realm=\"git\"";
            context.Response.StatusCode = (int)HttpStatusCode.Unauthorized;
        }
        else if (File.Exists(file))
        {
            await context.Response.Body.WriteAsync(await File.ReadAllBytesAsync(file));
        }
        else
        {
            context.Response.StatusCode = (int)HttpStatusCode.NotFound;
        }
    }
}
