using V4Agents.Core.Sandboxing;
using V4Agents.Sandboxes.Calls.Protocol;
using Xunit;

namespace V4Agents.Adapters.Tests.Sandboxes;

public sealed class RunnerSandboxTests
{
    private static readonly TimeSpan HangGuard = TimeSpan.FromSeconds(60);
    private static readonly string Id = new('a', 40);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Ask_WhenTheRunnerIsFrozen_EndsTransientAfterTwoSilences()
    {
        await using var runner = new ScriptedRunner(_ => Task.Delay(-1, Token));
        var asked = runner.Sandbox.CheckpointAsync(null, Token);
        await runner.PassTimeUntilAsync(asked);
        var failed = await Assert.ThrowsAsync<SandboxException>(() => asked.WaitAsync(HangGuard));
        Assert.True(failed.IsTransient);
        Assert.Contains("no sign of life for 15 seconds", failed.Message, StringComparison.Ordinal);
        Assert.Equal(2, runner.Connections);
    }

    [Fact]
    public async Task Ask_WhenTheRunnerStillWorks_WaitsAsLongAsItShowsLife()
    {
        await using var runner = new ScriptedRunner(async stream =>
        {
            var request = (await ScriptedRunner.ReadAsync(stream)).Request;
            for (var i = 0; i < 20; i++)
            {
                await ScriptedRunner.WriteAsync(stream, new Message.Progress(request));
                await Task.Delay(60);
            }

            await ScriptedRunner.WriteAsync(stream, new Message.Checkpointed(request, Id, Id));
        });
        var asked = runner.Sandbox.CheckpointAsync(null, Token);
        await runner.PassTimeUntilAsync(asked);
        Assert.Equal((Id, 1), ((await asked).Commit, runner.Connections));
    }

    [Theory]
    [InlineData("ping", 20)]
    [InlineData("stop", 15)]
    [InlineData("call", 65)]
    [InlineData("checkpoint", 600)]
    public async Task Ask_WhenTheRunnerOnlyEverShowsLife_EndsTransientAtTheLimit(string what, int seconds)
    {
        await using var runner = new ScriptedRunner(async stream =>
        {
            for (var request = (await ScriptedRunner.ReadAsync(stream)).Request; ;)
            {
                await ScriptedRunner.WriteAsync(stream, new Message.Progress(request));
                await Task.Delay(20);
            }
        });
        Task asked = what switch
        {
            "ping" => runner.Sandbox.PingAsync(Token),
            "stop" => runner.Sandbox.StopAsync(Token),
            "call" => runner.Sandbox.ShellAsync("true", TimeSpan.FromSeconds(5)),
            _ => runner.Sandbox.CheckpointAsync(null, Token),
        };
        await runner.PassTimeUntilAsync(asked);
        var failed = await Assert.ThrowsAsync<SandboxException>(() => asked.WaitAsync(HangGuard));
        Assert.True(failed.IsTransient);
        Assert.Contains($"within {seconds} seconds", failed.Message, StringComparison.Ordinal);
        Assert.Equal(1, runner.Connections);
    }

    [Fact]
    public async Task Ping_WhenTheRunnerSaysWhichStartItIs_IsKept()
    {
        await using var runner = new ScriptedRunner(async stream =>
        {
            for (var boot = 1; ; boot++)
            {
                await ScriptedRunner.WriteAsync(stream, new Message.Pong((await ScriptedRunner.ReadAsync(stream)).Request, $"boot{boot}"));
            }
        });
        Assert.Null(runner.Sandbox.Boot);
        await runner.Sandbox.PingAsync(Token);
        Assert.Equal("boot1", runner.Sandbox.Boot);
        await runner.Sandbox.PingAsync(Token);
        Assert.Equal("boot2", runner.Sandbox.Boot);
    }

    [Fact]
    public async Task Ask_WhenTheReasonIsLong_IsCut()
    {
        await using var runner = new ScriptedRunner(async stream =>
            await ScriptedRunner.WriteAsync(stream, new Message.Failed((await ScriptedRunner.ReadAsync(stream)).Request, new string('x', 500_000))));
        var failed = await Assert.ThrowsAsync<SandboxException>(() => runner.Sandbox.StopAsync(Token).WaitAsync(HangGuard));
        Assert.Equal((true, 1000), (failed.IsRefusal, failed.Message.Length));
    }

    [Fact]
    public async Task Seed_WhenTheRunnerStopsReading_EndsInsteadOfHoldingThePipe()
    {
        await using var runner = new ScriptedRunner(async stream =>
        {
            var request = (await ScriptedRunner.ReadAsync(stream)).Request;
            await ScriptedRunner.WriteAsync(stream, new Message.SeedWanted(request));
            await Task.Delay(-1, Token);
        });
        var seeding = runner.Sandbox.SeedAsync(
            async (tar, token) =>
            {
                for (var i = 0; i < 100; i++)
                {
                    await tar.WriteAsync(new byte[1 << 20], token);
                }
            },
            Token);
        await runner.PassTimeUntilAsync(seeding);
        Assert.True((await Assert.ThrowsAsync<SandboxException>(() => seeding.WaitAsync(HangGuard))).IsTransient);
    }

    [Fact]
    public async Task Snapshot_WhenTheRunnerFloods_IsCutOff()
    {
        await using var runner = new ScriptedRunner(async stream =>
        {
            var request = (await ScriptedRunner.ReadAsync(stream)).Request;
            for (var i = 0; ; i++)
            {
                await ScriptedRunner.WriteAsync(stream, new Message.Change(request, $"f{i}", 33188));
            }
        });
        var failed = await Assert.ThrowsAsync<SandboxException>(() => runner.Sandbox.SnapshotAsync(Token).WaitAsync(HangGuard));
        Assert.Equal((false, false), (failed.IsTransient, failed.IsRefusal));
        Assert.Contains("not to be trusted", failed.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Snapshot_WhenTheRunnerSendsTooManyBytes_IsCutOff()
    {
        await using var runner = new ScriptedRunner(async stream =>
        {
            var request = (await ScriptedRunner.ReadAsync(stream)).Request;
            while (true)
            {
                await ScriptedRunner.WriteAsync(stream, new Message.Change(request, "f", 33188), new byte[20 << 20]);
            }
        });
        Assert.False((await Assert.ThrowsAsync<SandboxException>(() => runner.Sandbox.SnapshotAsync(Token).WaitAsync(HangGuard))).IsTransient);
    }

    [Fact]
    public async Task Restore_WhenTheRunnerLiesOrAsksWithoutEnd_IsRefused()
    {
        WorkspaceCheckpoint[] chain = [new(Id, Id, default)];
        foreach (var answer in (Func<int, Message>[])[
            request => new Message.Restored(request, new string('b', 40)),
            request => new Message.Restored(request, "../../x"),
            request => new Message.BundleWanted(request, 7),
            request => new Message.BundleWanted(request, 0),
            request => new Message.Pong(request)])
        {
            await using var runner = new ScriptedRunner(async stream =>
            {
                for (var request = (await ScriptedRunner.ReadAsync(stream)).Request; ;)
                {
                    await ScriptedRunner.WriteAsync(stream, answer(request));
                    await ScriptedRunner.ReadAsync(stream);
                }
            });
            var restoring = runner.Sandbox.RestoreAsync(chain, (_, _) => Task.FromResult<ReadOnlyMemory<byte>>(new byte[9]), Token);
            Assert.False((await Assert.ThrowsAsync<SandboxException>(() => restoring.WaitAsync(HangGuard))).IsTransient);
        }
    }
}
