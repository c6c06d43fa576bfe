using Docker.DotNet;
using Docker.DotNet.Models;
using Microsoft.Extensions.DependencyInjection;
using V4Agents.Core.Sandboxing;
using V4Agents.TestKit.Docker;
using Xunit;

namespace V4Agents.Adapters.Tests.Sandboxes;

/// <summary>The engine itself dies under running calls: a private one, so that nobody else's containers do.</summary>
public sealed class EngineRestartTests(EngineRestartTests.Fixture fixture) : IClassFixture<EngineRestartTests.Fixture>
{
    private const string Held = "echo half >> half.txt; touch /tmp/started; while [ ! -e /tmp/go ]; do sleep 0.02; done; echo ran >> runs.txt";
    private const string UntilStarted = "while [ ! -e /tmp/started ]; do sleep 0.02; done";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Run_WhenTheEngineRestartsInMidCall_IsInterruptedAndEverythingBeforeIsKept(bool killed)
    {
        var spec = new SandboxSpec(new SandboxId($"v4-restart-{killed}"), SandboxEngine.Task, "restart", TimeSpan.FromMinutes(10));
        await using var sandbox = await fixture.Sandboxes.OpenAsync(spec, Token);
        await using var observer = await fixture.Sandboxes.OpenAsync(spec, Token);
        await sandbox.SeedAsync(new TestTree().Add("seeded.txt", "seeded\n"));
        await sandbox.ShellAsync("echo changed > changed.txt", id: "before");
        var running = sandbox.ShellAsync(Held, id: "cut");
        await observer.ShellAsync(UntilStarted);

        await (killed ? fixture.Engine.KillAsync(Token) : fixture.Engine.StopAsync(Token));

        var away = await Assert.ThrowsAsync<SandboxException>(() => running);
        Assert.True(away is { IsTransient: true, IsLost: false }, away.Message);
        var refused = await Assert.ThrowsAsync<SandboxException>(() => fixture.Sandboxes.AttachAsync(spec.Id, Token));
        Assert.True(refused is { IsTransient: true, IsLost: false }, refused.Message);

        await fixture.Engine.StartAsync(Token);

        Assert.True((await sandbox.ShellAsync("echo never", id: "cut")).Interrupted);
        Assert.True((await sandbox.ShellAsync("echo never", id: "before")).Replayed);
        Assert.EndsWith("changed\nhalf\nseeded\n", (await sandbox.ShellAsync("cat changed.txt half.txt seeded.txt; test ! -e runs.txt")).Text());
        await fixture.Sandboxes.RemoveAsync(spec.Id, Token);
        Assert.Empty(await fixture.Sandboxes.ListAsync("restart", Token));
    }

    /// <summary>The engine would start it on a new, empty volume.</summary>
    [Fact]
    public async Task Attach_WhenItStoppedAndItsVolumeIsGone_IsNullAndNothingIsSwappedIn()
    {
        using var docker = new DockerClientBuilder().WithEndpoint(new Uri(fixture.Engine.Address)).Build();
        var spec = new SandboxSpec(new SandboxId("v4-volume"), SandboxEngine.Task, "restart", TimeSpan.FromMinutes(10));
        await using var sandbox = await fixture.Sandboxes.OpenAsync(spec, Token);
        await sandbox.ShellAsync("echo kept > kept.txt");
        var volume = (await docker.Containers.InspectContainerAsync(spec.Id.Value, Token)).Mounts.Single(m => m.Type == "volume");
        await docker.Containers.StopContainerAsync(spec.Id.Value, new ContainerStopParameters { WaitBeforeKillSeconds = 0 }, Token);
        Directory.Delete(Path.GetDirectoryName(volume.Source)!, recursive: true); // A volume's data lies in its directory.

        Assert.Null(await fixture.Sandboxes.AttachAsync(spec.Id, Token));
        Assert.True((await Assert.ThrowsAsync<SandboxException>(() => sandbox.ShellAsync("true"))).IsLost);

        await fixture.Sandboxes.RemoveAsync(spec.Id, Token);
        await using var anew = await fixture.Sandboxes.OpenAsync(spec, Token);
        Assert.Equal("empty\n", (await anew.ShellAsync("test -e kept.txt || echo empty")).Text());
        await fixture.Sandboxes.RemoveAsync(spec.Id, Token);
    }

    [Fact]
    public async Task Engine_OfAnotherDataDirectory_HasAnotherName() => Assert.NotEqual(
        await SandboxEngine.Services(new() { ["Sandbox:Image"] = "any" }).GetRequiredService<ISandboxes>().EngineAsync(Token),
        await fixture.Sandboxes.EngineAsync(Token));

    public sealed class Fixture : IAsyncLifetime
    {
        private ServiceProvider? _services;

        public PrivateEngine Engine { get; private set; } = null!; // Set before each test.

        public ISandboxes Sandboxes => _services!.GetRequiredService<ISandboxes>();

        public async ValueTask InitializeAsync()
        {
            var image = await SandboxEngine.ImageAsync();
            Engine = await PrivateEngine.StartAsync(image, TestContext.Current.CancellationToken);
            _services = SandboxEngine.Services(new() { ["Sandbox:Image"] = image, ["Sandbox:DockerHost"] = Engine.Address });
        }

        public async ValueTask DisposeAsync()
        {
            if (_services is not null)
            {
                await _services.DisposeAsync();
            }

            if (Engine is not null)
            {
                await Engine.DisposeAsync();
            }
        }
    }
}
