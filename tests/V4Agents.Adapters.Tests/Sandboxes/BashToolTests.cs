using System.Diagnostics;
using System.Text.Json.Nodes;
using Xunit;

namespace V4Agents.Adapters.Tests.Sandboxes;

[Collection(SandboxCollection.Name)]
public sealed class BashToolTests(SandboxEngine engine)
{
    [Fact]
    public async Task Bash_WhenItWritesToBothOutputs_KeepsTheirOrder()
    {
        var sandbox = await engine.OpenAsync();
        var result = await sandbox.ShellAsync("echo 1; echo 2 >&2; echo 3; pwd; cat; echo $PAGER $X; kill -9 $$");
        Assert.Equal((128 + 9, "1\n2\n3\n/work/repo\ncat\n"), (result.ExitCode, result.Text()));
    }

    [Fact]
    public async Task Bash_WhenGivenAnEnvironment_HasIt()
    {
        var sandbox = await engine.OpenAsync();
        var result = await sandbox.ToolAsync("bash", new JsonObject { ["command"] = "echo $X", ["env"] = new JsonObject { ["X"] = "y z" } });
        Assert.Equal("y z\n", result.Text());
    }

    [Fact]
    public async Task Bash_WhenItOutlivesItsTime_KillsTheWholeGroupEvenOneThatIgnoresTerm()
    {
        var sandbox = await engine.OpenAsync();
        var result = await sandbox.ShellAsync("trap '' TERM; sleep 987 & sleep 987; echo still; sleep 987", TimeSpan.FromMilliseconds(300));
        Assert.True(result.TimedOut);
        Assert.Equal(128 + 9, result.ExitCode);
        Assert.Equal("0\n", (await sandbox.ShellAsync("pgrep -c sleep")).Text());
    }

    [Fact]
    public async Task Bash_WhenABackgroundChildHoldsTheOutput_ReturnsOnExitAndKillsIt()
    {
        var sandbox = await engine.OpenAsync();
        var clock = Stopwatch.StartNew();
        var result = await sandbox.ShellAsync("sleep 987 & echo done");
        Assert.Equal((0, "done\n", false), (result.ExitCode, result.Text(), result.TimedOut));
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(30), $"took {clock.Elapsed}");
        Assert.Equal("0\n", (await sandbox.ShellAsync("pgrep -c sleep")).Text());
    }

    [Fact]
    public async Task Bash_WhenItWrites20Megabytes_KeepsHeadAndTailAndCountsTheRest()
    {
        var sandbox = await engine.OpenAsync();
        var result = await sandbox.ShellAsync("head -c 20000000 /dev/zero | tr '\\0' x; echo THE-END");
        Assert.Equal(20_000_008, result.OutputBytes);
        Assert.InRange(result.Output.Length, 8 << 20, (8 << 20) + 200);
        Assert.EndsWith("THE-END\n", result.Text(), StringComparison.Ordinal);
        Assert.Contains($"[... {20_000_008 - (8 << 20)} bytes of output dropped here ...]", result.Text(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bash_WhenItForksWithoutEnd_IsBoundedAndTheSandboxLives()
    {
        var sandbox = await engine.OpenAsync();
        var result = await sandbox.ShellAsync("bomb() { bomb | bomb & }; bomb; while :; do :; done", TimeSpan.FromSeconds(3));
        Assert.True(result.TimedOut);
        Assert.Equal("alive\n", (await sandbox.ShellAsync("echo alive")).Text());
    }

    [Fact]
    public async Task Bash_WhenItTakesAllMemory_IsKilledAndTheRunnerLives()
    {
        var sandbox = await engine.OpenAsync();
        var result = await sandbox.ShellAsync("python3 -c 'x = bytearray(3 << 30)'; echo $?");
        Assert.Contains("137", result.Text(), StringComparison.Ordinal);
        Assert.Equal("alive\n", (await sandbox.ShellAsync("echo alive")).Text());
    }

    [Fact]
    public async Task Sandbox_WhenAskedForPrivileges_HasNone()
    {
        var sandbox = await engine.OpenAsync();
        var result = await sandbox.ShellAsync(
            "grep -E '^(CapEff|CapBnd|NoNewPrivs|Seccomp):' /proc/self/status; id -u; touch /etc/x; ls /sys/class/net; "
            + "python3 -c \"import socket; socket.create_connection(('192.0.2.1', 80), 2)\" 2>&1 | tail -1; ls -d /var/run/docker.sock");
        Assert.Equal(
            "CapBnd:\t0000000000000000\nCapEff:\t0000000000000000\nNoNewPrivs:\t1\nSeccomp:\t2\n1000\ntouch: cannot touch '/etc/x': Read-only file system\n"
            + "lo\nOSError: [Errno 101] Network is unreachable\nls: cannot access '/var/run/docker.sock': No such file or directory\n",
            result.Text().Replace("CapEff:\t0000000000000000\nCapBnd:\t0000000000000000\n", "CapBnd:\t0000000000000000\nCapEff:\t0000000000000000\n", StringComparison.Ordinal));
    }
}
