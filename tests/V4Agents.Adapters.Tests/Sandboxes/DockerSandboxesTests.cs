using Docker.DotNet.Models;
using Microsoft.Extensions.DependencyInjection;
using V4Agents.Core.Sandboxing;
using V4Agents.Core.Tasks;
using V4Agents.Sandboxes.Docker;
using Xunit;

namespace V4Agents.Adapters.Tests.Sandboxes;

[Collection(SandboxCollection.Name)]
public sealed class DockerSandboxesTests(SandboxEngine engine)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Probe_WhenAllIsWell_SaysNothing() => Assert.Null(await engine.Sandboxes.ProbeAsync(Token));

    [Theory]
    [InlineData("unix:///var/run/docker.sock", "no-such-image:1", "./v4 setup")]
    [InlineData("unix:///nowhere/docker.sock", "x", "No container engine listens")]
    [InlineData("tcp://127.0.0.1:1", "x", "No container engine listens")]
    public async Task Probe_WhenSomethingIsMissing_SaysWhatToDo(string host, string image, string words)
    {
        await using var services = SandboxEngine.Services(new() { ["Sandbox:Image"] = image, ["Sandbox:DockerHost"] = host });
        Assert.Contains(words, await services.GetRequiredService<ISandboxes>().ProbeAsync(Token), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Open_WhenTheImageIsMissing_IsNotTransient()
    {
        await using var services = SandboxEngine.Services(new() { ["Sandbox:Image"] = "no-such-image:1" });
        var refused = await Assert.ThrowsAsync<SandboxException>(() => services.GetRequiredService<ISandboxes>().OpenAsync(engine.Spec(), Token));
        Assert.False(refused.IsTransient);
        Assert.Contains("./v4 setup", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Open_WhenItExists_AttachesAndStartsItAgainWhenStopped()
    {
        var spec = engine.Spec();
        var first = await engine.OpenAsync(spec);
        await first.ShellAsync("echo here > /work/home/mark");
        await engine.Docker.Containers.StopContainerAsync(spec.Id.Value, new ContainerStopParameters { WaitBeforeKillSeconds = 0 }, Token);

        var second = await engine.OpenAsync(spec);

        Assert.Equal("here\n", (await second.ShellAsync("cat /work/home/mark")).Text());
        Assert.Single((await engine.Sandboxes.ListAsync(engine.Instance, Token)), l => l.Id == spec.Id && l.Running && l.Task == SandboxEngine.Task);
    }

    [Fact]
    public async Task Open_WhenTheNameIsAnothersContainer_Refuses()
    {
        var spec = engine.Spec();
        await engine.OpenAsync(spec);
        await Assert.ThrowsAsync<SandboxException>(() => engine.Sandboxes.OpenAsync(spec with { Task = new TaskId("t-bbbbbbbbbbbbbbbbbbbb") }, Token));
    }

    [Fact]
    public async Task Attach_WhenThereIsNone_IsNull() => Assert.Null(await engine.Sandboxes.AttachAsync(new SandboxId("v4-test-none"), Token));

    [Fact]
    public async Task Remove_WhenDoneTwice_LeavesNoContainerAndNoVolume()
    {
        var spec = engine.Spec();
        var sandbox = await engine.OpenAsync(spec);
        var volume = Assert.Single((await engine.Docker.Containers.InspectContainerAsync(spec.Id.Value, Token)).Mounts, m => m.Type == "volume").Name;

        await engine.Sandboxes.RemoveAsync(spec.Id, Token);
        await engine.Sandboxes.RemoveAsync(spec.Id, Token);

        Assert.DoesNotContain(await engine.Sandboxes.ListAsync(engine.Instance, Token), l => l.Id == spec.Id);
        Assert.DoesNotContain((await engine.Docker.Volumes.ListAsync(Token)).Volumes ?? [], v => v.Name == volume);
        var gone = await Assert.ThrowsAsync<SandboxException>(() => sandbox.ShellAsync("true"));
        Assert.False(gone.IsTransient);
    }

    [Fact]
    public async Task Remove_WhenTheNameWasTakenByALaterContainer_LeavesThatAlone()
    {
        var spec = engine.Spec();
        await engine.OpenAsync(spec);
        var found = Assert.Single(await engine.Sandboxes.ListAsync(engine.Instance, Token), l => l.Id == spec.Id);
        await engine.Sandboxes.RemoveAsync(spec.Id, Token);
        var later = await engine.OpenAsync(spec);

        await engine.Sandboxes.RemoveAsync(found, Token);

        Assert.Equal("alive\n", (await later.ShellAsync("echo alive")).Text());
    }

    [Fact]
    public async Task Remove_WhenPaused_IsDone()
    {
        var spec = engine.Spec();
        await engine.OpenAsync(spec);
        await engine.Docker.Containers.PauseContainerAsync(spec.Id.Value, Token);

        await engine.Sandboxes.RemoveAsync(spec.Id, Token);

        Assert.Null(await engine.Sandboxes.AttachAsync(spec.Id, Token));
    }

    [Fact]
    public async Task Engine_WhenAskedTwice_IsTheSameAndNotEmpty()
    {
        var name = await engine.Sandboxes.EngineAsync(Token);
        Assert.NotEmpty(name);
        Assert.Equal(name, await engine.Sandboxes.EngineAsync(Token));
    }

    [Fact]
    public async Task List_WhenOnlyCreated_ContainsItNotRunning()
    {
        var spec = engine.Spec();
        await engine.Docker.Containers.CreateContainerAsync(ContainerProfile.Of(spec, new SandboxOptions { Image = engine.Image }), Token);
        var listing = Assert.Single(await engine.Sandboxes.ListAsync(engine.Instance, Token), l => l.Id == spec.Id);
        Assert.False(listing.Running);
        Assert.InRange(listing.CreatedAt, DateTimeOffset.UtcNow.AddMinutes(-1), DateTimeOffset.UtcNow.AddMinutes(1));
    }

    [Fact]
    public async Task Container_WhenItsLifetimeIsOver_EndsItself()
    {
        var spec = engine.Spec(TimeSpan.FromSeconds(1));
        await engine.OpenAsync(spec);
        Assert.Equal(0, (await engine.Docker.Containers.WaitContainerAsync(spec.Id.Value, Token)).StatusCode);
    }
}
