using System.Diagnostics;
using V4Agents.Core.Sandboxing;
using Xunit;

namespace V4Agents.Adapters.Tests.Sandboxes;

[Collection(SandboxCollection.Name)]
public sealed class StopTests(SandboxEngine engine)
{
    private const string UntilStarted = "while [ ! -e /tmp/started ]; do sleep 0.02; done";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Stop_WhenACallSleeps_KillsItAndStoresThatItWasStopped()
    {
        var spec = engine.Spec();
        var sandbox = await engine.OpenAsync(spec);
        var running = sandbox.ShellAsync("echo begun; touch /tmp/started; sleep 600; echo never", TimeSpan.FromMinutes(20), id: "sleeping");
        await sandbox.ShellAsync(UntilStarted);

        var clock = Stopwatch.StartNew();
        var stopped = await sandbox.StopAsync(Token);
        var took = clock.Elapsed;
        var result = await running;

        Assert.Equal(1, stopped.Calls);
        Assert.InRange(stopped.Processes, 2, 3);
        Assert.True(took < TimeSpan.FromSeconds(1), $"took {took}");
        Assert.Equal((137, false, false), (result.ExitCode, result.TimedOut, result.Interrupted));
        Assert.StartsWith("begun\n\n[stopped:", result.Text(), StringComparison.Ordinal);
        var again = await (await engine.OpenAsync(spec)).ShellAsync("echo never", id: "sleeping");
        Assert.Equal((137, true, result.Text()), (again.ExitCode, again.Replayed, again.Text()));
        Assert.Equal("0\n", (await sandbox.ShellAsync("pgrep -c sleep")).Text());
    }

    [Fact]
    public async Task Stop_WhenHundredsOfProcessesIgnoreTermAndLeftTheirGroup_LeavesNone()
    {
        var sandbox = await engine.OpenAsync();
        await sandbox.ShellAsync("for i in $(seq 100); do setsid -f sh -c \"trap '' TERM INT HUP; while :; do sleep 1000; done\"; done; sleep 0.2");
        var running = sandbox.ShellAsync("trap '' TERM; for i in $(seq 100); do (trap '' TERM; sleep 1001) & done; touch /tmp/started; sleep 1002", TimeSpan.FromMinutes(20));
        await sandbox.ShellAsync(UntilStarted);

        var clock = Stopwatch.StartNew();
        var stopped = await sandbox.StopAsync(Token);
        var took = clock.Elapsed;

        Assert.Equal(1, stopped.Calls);
        Assert.InRange(stopped.Processes, 290, 420);
        TestContext.Current.TestOutputHelper?.WriteLine($"{stopped.Processes} processes in {took.TotalMilliseconds:0} ms");
        Assert.True(took < TimeSpan.FromSeconds(2), $"took {took}");
        Assert.Equal(137, (await running).ExitCode);
        Assert.Equal("0\n", (await sandbox.ShellAsync("pgrep -c sleep")).Text());
        Assert.Equal(default, await sandbox.StopAsync(Token));
    }

    [Fact]
    public async Task Stop_WhenAForkBombRuns_EndsItAndTheSandboxGoesOn()
    {
        var sandbox = await engine.OpenAsync();
        var running = sandbox.ShellAsync("touch /tmp/started; bomb() { bomb | bomb & }; bomb; while :; do :; done", TimeSpan.FromMinutes(20), id: "bomb");
        while ((await sandbox.ToolAsync("view", new() { ["path"] = "/tmp/started" })).ExitCode != 0)
        {
            // Looking until it is there; no process can be started for that.
        }

        var clock = Stopwatch.StartNew();
        var stopped = await sandbox.StopAsync(Token);
        TestContext.Current.TestOutputHelper?.WriteLine($"{stopped.Processes} processes in {clock.ElapsedMilliseconds} ms");

        Assert.Equal(137, (await running).ExitCode);
        Assert.Equal("alive\n", (await sandbox.ShellAsync("echo alive")).Text());
        Assert.Equal(0, (await sandbox.StopAsync(Token)).Processes);
    }

    [Fact]
    public async Task Stop_WhenCallsCameJustBefore_LetsNoneStartAfterwards()
    {
        var sandbox = await engine.OpenAsync();
        for (var round = 0; round < 5; round++)
        {
            var before = Enumerable.Range(0, 30).Select(_ => sandbox.ShellAsync("sleep 600", TimeSpan.FromMinutes(20))).ToList();
            await sandbox.StopAsync(Token);
            var ends = await Task.WhenAll(before).WaitAsync(TimeSpan.FromSeconds(30), Token);
            Assert.All(ends, end => Assert.Equal(137, end.ExitCode));
            Assert.All(ends, end => Assert.Contains("[stopped:", end.Text(), StringComparison.Ordinal));
        }

        Assert.Equal("0\n", (await sandbox.ShellAsync("pgrep -c sleep")).Text());
    }

    [Fact]
    public async Task Stop_WhenNothingRuns_IsZeroAndWorkGoesOn()
    {
        var sandbox = await engine.OpenAsync();
        await sandbox.SeedAsync(new TestTree().Add("a", "b"));
        Assert.Equal(new StoppedCalls(0, 0), await sandbox.StopAsync(Token));
        Assert.True((await sandbox.CheckpointAsync(null, Token)).IsUnchanged);
    }
}
