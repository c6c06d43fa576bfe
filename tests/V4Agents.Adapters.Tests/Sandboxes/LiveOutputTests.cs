using System.Threading.Channels;
using V4Agents.Core.Sandboxing;
using V4Agents.Sandboxes.Calls;
using Xunit;

namespace V4Agents.Adapters.Tests.Sandboxes;

[Collection(SandboxCollection.Name)]
public sealed class LiveOutputTests(SandboxEngine engine)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Run_WhenAnotherConnectionAttaches_HearsTheOutputOfTheCallThatRuns()
    {
        var spec = engine.Spec();
        var dying = await engine.OpenAsync(spec);
        var lost = dying.ShellAsync("echo first; while [ ! -e /tmp/go ]; do sleep 0.02; done; printf 'zwei \\303\\244'; while [ ! -e /tmp/end ]; do sleep 0.02; done", id: "live");
        var later = await engine.OpenAsync(spec);
        var heard = new Heard();
        var running = later.RunAsync(SandboxCalls.Shell("echo never", id: "live"), heard, Token);
        Assert.Equal(new CallProgress(6, "first\n"), await heard.NextAsync());
        await dying.DisposeAsync();
        await Assert.ThrowsAnyAsync<Exception>(() => lost);

        await later.ShellAsync("touch /tmp/go");
        Assert.Equal(new CallProgress(13, "first\nzwei ä"), await heard.NextAsync());
        await later.ShellAsync("touch /tmp/end");

        Assert.Equal("first\nzwei ä", (await running).Text());
        Assert.False(heard.IsMore);
    }

    [Fact]
    public async Task Run_WhenTheOutputIsAFlood_ShowsItsEndAFewTimesASecond()
    {
        var sandbox = await engine.OpenAsync();
        var heard = new Heard();
        var result = await sandbox.RunAsync(SandboxCalls.Shell("timeout 1.2 yes 0123456789; true"), heard, Token);
        var last = default(CallProgress);
        var count = 0;
        for (; heard.IsMore; count++)
        {
            last = await heard.NextAsync();
            Assert.InRange(last.Tail.Length, 1, 4096);
        }

        Assert.InRange(count, 1, 6);
        Assert.InRange(last.OutputBytes, 1, result.OutputBytes);
    }

    [Theory]
    [InlineData(new byte[] { 0xA4, 65, 0xC3, 0xA4 }, "Aä")]
    [InlineData(new byte[] { 65, 0xC3 }, "A")]
    [InlineData(new byte[] { 0x80, 0x80, 0x80, 0x80, 66 }, "\uFFFDB")]
    [InlineData(new byte[0], "")]
    public void LiveText_WhenCutInsideACharacter_ShowsWholeOnes(byte[] end, string text) => Assert.Equal(text, LiveText.Of(end));

    private sealed class Heard : IProgress<CallProgress>
    {
        private readonly Channel<CallProgress> _all = Channel.CreateUnbounded<CallProgress>();

        public bool IsMore => _all.Reader.TryPeek(out _);

        public void Report(CallProgress value) => _all.Writer.TryWrite(value);

        public Task<CallProgress> NextAsync() => _all.Reader.ReadAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(20), Token);
    }
}
