using System.Diagnostics;
using Docker.DotNet.Models;
using Microsoft.Extensions.DependencyInjection;
using V4Agents.Core.Sandboxing;
using Xunit;

namespace V4Agents.Adapters.Tests.Sandboxes;

/// <summary>What is done to a container from outside, by people and by the machine.</summary>
[Collection(SandboxCollection.Name)]
public sealed class ContainerLossTests(SandboxEngine engine)
{
    private const string Held = "touch /tmp/started; while [ ! -e /tmp/go ]; do sleep 0.02; done; echo ran >> /work/home/runs";
    private const string UntilStarted = "while [ ! -e /tmp/started ]; do sleep 0.02; done";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Run_WhenTheContainerIsRemovedInMidCall_IsLost()
    {
        var spec = engine.Spec();
        var sandbox = await engine.OpenAsync(spec);
        var running = sandbox.ShellAsync(Held);
        await (await engine.OpenAsync(spec)).ShellAsync(UntilStarted);

        await engine.Docker.Containers.RemoveContainerAsync(spec.Id.Value, new ContainerRemoveParameters { Force = true, RemoveVolumes = true }, Token);

        await AssertLostAsync(() => running);
        await AssertLostAsync(() => sandbox.ShellAsync("true"));
        Assert.Null(await engine.Sandboxes.AttachAsync(spec.Id, Token));
    }

    [Fact]
    public async Task Attach_WhenPaused_GoesOnAndTheRunningCallEndsAsIfNothingHappened()
    {
        var spec = engine.Spec();
        var sandbox = await engine.OpenAsync(spec);
        var running = sandbox.ShellAsync(Held);
        await (await engine.OpenAsync(spec)).ShellAsync(UntilStarted);
        await engine.Docker.Containers.PauseContainerAsync(spec.Id.Value, Token);

        await using var other = Assert.IsAssignableFrom<ISandbox>(await engine.Sandboxes.AttachAsync(spec.Id, Token));
        await other.ShellAsync("touch /tmp/go");

        Assert.Equal((0, false), ((await running).ExitCode, (await running).Interrupted));
        Assert.Equal("ran\n", (await other.ShellAsync("cat /work/home/runs")).Text());
    }

    [Fact]
    public async Task Attach_WhenTheRunnerIsFrozen_RestartsTheContainerAndInterruptsTheCall()
    {
        await using var services = SandboxEngine.Services(new() { ["Sandbox:Image"] = engine.Image, ["Sandbox:AnswerTimeout"] = "00:00:02" });
        var impatient = services.GetRequiredService<ISandboxes>();
        var spec = engine.Spec();
        var sandbox = await engine.OpenAsync(spec);
        await sandbox.ShellAsync("echo kept > kept.txt", id: "before");
        var running = sandbox.ShellAsync(Held, id: "frozen");
        await (await engine.OpenAsync(spec)).ShellAsync(UntilStarted);
        await SignalRunnerAsync(spec.Id, "STOP");

        await using var other = Assert.IsAssignableFrom<ISandbox>(await impatient.AttachAsync(spec.Id, Token));

        Assert.True((await running).Interrupted);
        Assert.True((await other.ShellAsync("echo never", id: "before")).Replayed);
        Assert.Equal("kept\n", (await other.ShellAsync("cat kept.txt")).Text());
        Assert.True((await other.ShellAsync("echo never", id: "frozen")).Interrupted);
    }

    [Fact]
    public async Task Run_WhenTheRunnerIsKilled_StartsTheContainerAgainAndInterruptsTheCall()
    {
        var spec = engine.Spec();
        var sandbox = await engine.OpenAsync(spec);
        var running = sandbox.ShellAsync(Held);
        await (await engine.OpenAsync(spec)).ShellAsync(UntilStarted);

        await SignalRunnerAsync(spec.Id, "KILL");

        Assert.True((await running).Interrupted);
    }

    [Fact]
    public async Task RemoveUnused_WhenAVolumeIsYoung_LeavesIt()
    {
        var volume = await engine.Docker.Volumes.CreateAsync(
            new VolumesCreateParameters { Labels = new Dictionary<string, string> { ["v4.instance"] = "test-unused" } }, Token);
        try
        {
            Assert.Equal(0, await engine.Sandboxes.RemoveUnusedAsync("test-unused", Token));
            await using var services = SandboxEngine.Services(
                new() { ["Sandbox:Image"] = engine.Image }, new Microsoft.Extensions.Time.Testing.FakeTimeProvider(DateTimeOffset.UtcNow.AddMinutes(3)));
            Assert.Equal(1, await services.GetRequiredService<ISandboxes>().RemoveUnusedAsync("test-unused", Token));
        }
        finally
        {
            await engine.Docker.Volumes.RemoveAsync(volume.Name, force: true, Token);
        }
    }

    private static async Task AssertLostAsync(Func<Task> use)
    {
        var lost = await Assert.ThrowsAsync<SandboxException>(use);
        Assert.True(lost.IsLost, lost.Message);
        Assert.False(lost.IsTransient);
    }

    /// <summary>The engine names the container's first process, an init; the runner is its child.</summary>
    private async Task SignalRunnerAsync(SandboxId id, string signal)
    {
        var init = (await engine.Docker.Containers.InspectContainerAsync(id.Value, Token)).State!.Pid; // It exists, so it has a state.
        using var kill = Process.Start("sh", ["-c", $"kill -s {signal} $(cat /proc/{init}/task/{init}/children)"])!; // Not a shell execution: there is a process.
        await kill.WaitForExitAsync(Token);
        Assert.Equal(0, kill.ExitCode);
    }
}
