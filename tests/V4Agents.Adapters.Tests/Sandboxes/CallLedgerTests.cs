using System.Diagnostics;
using Docker.DotNet.Models;
using Xunit;

namespace V4Agents.Adapters.Tests.Sandboxes;

[Collection(SandboxCollection.Name)]
public sealed class CallLedgerTests(SandboxEngine engine)
{
    private const string HeldCommand = "echo begin; touch /tmp/started; while [ ! -e /tmp/go ]; do sleep 0.02; done; echo ran >> /work/home/runs; echo end";
    private const string UntilStarted = "while [ ! -e /tmp/started ]; do sleep 0.02; done";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Run_WhenTheIdHasFinished_ReturnsTheStoredResultWithoutRunning()
    {
        var sandbox = await engine.OpenAsync();

        var first = await sandbox.ShellAsync("echo one | tee -a /work/home/ran; exit 3", id: "same");
        var second = await sandbox.ShellAsync("echo two | tee -a /work/home/ran; exit 4", id: "same");

        Assert.Equal((3, "one\n", false), (first.ExitCode, first.Text(), first.Replayed));
        Assert.Equal((3, "one\n", true), (second.ExitCode, second.Text(), second.Replayed));
        Assert.Equal("one\n", (await sandbox.ShellAsync("cat /work/home/ran")).Text());
    }

    [Fact]
    public async Task Run_WhenTwoClientsAskForOneIdAtOnce_RunsItOnce()
    {
        var spec = engine.Spec();
        var one = await engine.OpenAsync(spec);
        var other = await engine.OpenAsync(spec);

        var results = await Task.WhenAll(Enumerable.Range(0, 8).Select(i =>
            (i % 2 == 0 ? one : other).ShellAsync("echo x >> /work/home/ran; sleep 0.2; wc -l < /work/home/ran", id: "both")));

        Assert.All(results, r => Assert.Equal("1\n", r.Text()));
    }

    [Fact]
    public async Task Run_WhenTheClientGoesAwayInMidCall_LaterClientGetsTheOneResult()
    {
        var spec = engine.Spec();
        var observer = await engine.OpenAsync(spec);
        var dying = await engine.OpenAsync(spec);
        var lost = dying.ShellAsync(HeldCommand, id: "held");
        await observer.ShellAsync(UntilStarted);
        await dying.DisposeAsync();
        await Assert.ThrowsAnyAsync<Exception>(() => lost);

        await using var later = await engine.Sandboxes.AttachAsync(spec.Id, Token);
        var result = later!.ShellAsync("echo never", id: "held");
        await observer.ShellAsync("touch /tmp/go");

        Assert.Equal((0, "begin\nend\n"), ((await result).ExitCode, (await result).Text()));
        Assert.Equal("ran\n", (await observer.ShellAsync("cat /work/home/runs")).Text());
    }

    [Fact]
    public async Task Run_WhenTheBridgeIsKilledInMidCall_ReconnectsAndGetsTheOneResult()
    {
        var spec = engine.Spec();
        var sandbox = await engine.OpenAsync(spec);
        var observer = await engine.OpenAsync(spec);
        var running = sandbox.ShellAsync(HeldCommand, id: "bridge");
        await observer.ShellAsync(UntilStarted);
        await observer.ShellAsync("pkill -KILL -f 'v4-runner connec[t]'; touch /tmp/go");

        Assert.Equal((0, "begin\nend\n"), ((await running).ExitCode, (await running).Text()));
        Assert.Equal("ran\n", (await observer.ShellAsync("cat /work/home/runs")).Text());
    }

    private const string Restarted = "[the sandbox was restarted since the last command: processes that ran in it and files in /tmp are gone]\n";

    [Fact]
    public async Task Run_WhenTheContainerRestartedInMidCall_ReportsItInterruptedAndNeverReruns()
    {
        var spec = engine.Spec();
        var sandbox = await engine.OpenAsync(spec);
        var observer = await engine.OpenAsync(spec);
        await sandbox.SeedAsync(new TestTree().Add("a", "b"));
        await sandbox.ShellAsync("echo finished; exit 3", id: "before");
        var running = sandbox.ShellAsync(HeldCommand, id: "cut");
        await observer.ShellAsync(UntilStarted);

        await engine.Docker.Containers.KillContainerAsync(spec.Id.Value, new ContainerKillParameters(), Token);

        var result = await running;
        Assert.Equal(-1, result.ExitCode);
        Assert.Contains("interrupted", result.Text(), StringComparison.Ordinal);
        Assert.Equal($"{Restarted}absent\n", (await observer.ShellAsync("test -e /work/home/runs || echo absent")).Text());
        await engine.Docker.Containers.KillContainerAsync(spec.Id.Value, new ContainerKillParameters(), Token);
        Assert.Equal((-1, true, true), (await sandbox.ShellAsync("echo never", id: "cut")) is var again ? (again.ExitCode, again.Interrupted, again.Replayed) : default);
        var before = await sandbox.ShellAsync("echo never", id: "before");
        Assert.Equal((3, "finished\n", true), (before.ExitCode, before.Text(), before.Replayed));
        Assert.Equal($"{Restarted}fresh\n", (await sandbox.ShellAsync("echo fresh")).Text());
        Assert.Equal("again\n", (await sandbox.ShellAsync("echo again")).Text());
        Assert.True((await sandbox.CheckpointAsync(null, Token)).IsUnchanged);
    }

    [Fact]
    public async Task Run_WhenTrivial_TakesMilliseconds()
    {
        var sandbox = await engine.OpenAsync();
        var times = new List<double>();
        for (var i = 0; i < 60; i++)
        {
            var clock = Stopwatch.StartNew();
            await sandbox.ShellAsync("true");
            times.Add(clock.Elapsed.TotalMilliseconds);
        }

        times.Sort();
        TestContext.Current.TestOutputHelper?.WriteLine($"bash true: median {times[30]:0.0} ms, p90 {times[54]:0.0} ms");
        Assert.True(times[30] < 80, $"median {times[30]} ms");
    }
}
