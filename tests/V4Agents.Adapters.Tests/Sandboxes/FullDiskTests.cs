using Docker.DotNet.Models;
using V4Agents.Core.Sandboxing;
using V4Agents.Sandboxes.Docker;
using Xunit;

namespace V4Agents.Adapters.Tests.Sandboxes;

/// <summary>A small file system in memory as the volume; a full one answers as a full disk does.</summary>
[Collection(SandboxCollection.Name)]
public sealed class FullDiskTests(SandboxEngine engine)
{
    private const int BelowBallast = 40;
    private const int WithBallast = 100;
    private const string Fill = "cat /dev/zero > /work/home/fill 2>/dev/null; ";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Run_WhenTheResultCannotBeStored_ReturnsItAndNeverRunsAgain()
    {
        var (sandbox, spec) = await OpenAsync(BelowBallast);
        var call = Fill + "echo ran >> /tmp/runs; head -c 1000000 /dev/zero | tr '\\0' x; echo THE-END; exit 5";

        var first = await sandbox.ShellAsync(call, id: "full");
        var second = await sandbox.ShellAsync(call, id: "full");

        Assert.Equal((5, 1_000_008), (first.ExitCode, first.OutputBytes));
        Assert.EndsWith("xTHE-END\n", first.Text(), StringComparison.Ordinal);
        Assert.Contains("could not be stored", first.Text(), StringComparison.Ordinal);
        Assert.Equal((5, first.Text(), true), (second.ExitCode, second.Text(), second.Replayed));
        var refused = await Assert.ThrowsAsync<SandboxException>(() => sandbox.ShellAsync("echo ran >> /tmp/runs"));
        Assert.True(refused.IsRefusal);
        Assert.Contains("was not run", refused.Message, StringComparison.Ordinal);

        await ExecAsync(spec, "rm /work/home/fill");
        Assert.Equal("ran\nresult.json\n", (await sandbox.ShellAsync("cat /tmp/runs; cd /work/.v4/calls/full; ls result.json")).Text());
        Assert.Equal((5, first.Text()), await sandbox.ShellAsync(call, id: "full") is var third ? (third.ExitCode, third.Text()) : default);
    }

    [Fact]
    public async Task Run_WhenTheDiskWasFilled_CanStillRunWhatMakesRoom()
    {
        var (sandbox, _) = await OpenAsync(WithBallast);
        Assert.Equal("filled\n", (await sandbox.ShellAsync(Fill + "echo filled", id: "fill")).Text());
        Assert.Equal(1, (await sandbox.ToolAsync("write", new() { ["path"] = "big", ["content"] = new string('x', 9_000_000) })).ExitCode);
        Assert.Equal("room\n", (await sandbox.ShellAsync("rm /work/home/fill; echo room")).Text());
        Assert.Equal("filled\n", (await sandbox.ShellAsync("never", id: "fill")).Text());
        Assert.Equal("8\n", (await sandbox.ShellAsync("ls /work/.v4/ballast | wc -l")).Text());
    }

    [Fact]
    public async Task Checkpoint_WhenTheDiskIsFull_IsRefusedAndWorksWhenThereIsRoom()
    {
        var (sandbox, _) = await OpenAsync(WithBallast);
        await sandbox.SeedAsync(new TestTree().Add("a", "b"));
        await sandbox.ShellAsync("head -c 30000000 /dev/urandom > random; " + Fill);
        var refused = await Assert.ThrowsAsync<SandboxException>(() => sandbox.CheckpointAsync(null, Token));
        Assert.True(refused.IsRefusal);
        Assert.Contains("disk is full", refused.Message, StringComparison.Ordinal);

        await sandbox.ShellAsync("rm /work/home/fill random; echo c > a");
        var saved = await sandbox.CheckpointAsync(null, Token);
        Assert.InRange(saved.Bundle.Length, 1, 1000);
        await sandbox.ShellAsync("rm a");
        await sandbox.RestoreAllAsync([saved]);
        Assert.Equal("c\n", (await sandbox.ShellAsync("cat a")).Text());
    }

    private async Task<(ISandbox Sandbox, SandboxSpec Spec)> OpenAsync(int megabytes)
    {
        var spec = engine.Spec();
        var profile = ContainerProfile.Of(spec, new SandboxOptions { Image = engine.Image });
        var volume = profile.HostConfig!.Mounts!.Single(); // The profile has one.
        volume.VolumeOptions!.DriverConfig = new Driver
        {
            Name = "local",
            Options = new Dictionary<string, string> { ["type"] = "tmpfs", ["device"] = "tmpfs", ["o"] = $"size={megabytes}m,uid=1000,gid=1000" },
        };
        await engine.Docker.Containers.CreateContainerAsync(profile, Token);
        return (await engine.OpenAsync(spec), spec);
    }

    private async Task ExecAsync(SandboxSpec spec, string command)
    {
        var exec = await engine.Docker.Exec.CreateContainerExecAsync(
            spec.Id.Value, new ContainerExecCreateParameters { Cmd = ["sh", "-c", command], AttachStdout = true, AttachStderr = true }, Token);
        using var stream = await engine.Docker.Exec.StartContainerExecAsync(exec.ID, new ContainerExecStartParameters(), Token);
        await stream.ReadOutputToEndAsync(Token);
    }
}
