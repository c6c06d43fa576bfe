using System.Diagnostics;
using System.Text;
using Microsoft.Extensions.Logging;
using V4Agents.Adapters.Tests.Models.Http;
using V4Agents.Core.Conversations;
using Xunit;

namespace V4Agents.Adapters.Tests.Models;

/// <summary>What one client was sent, another one finds. The first is never told that it dies: a kill tells nobody.</summary>
public sealed class AnswerTests : IDisposable
{
    private const string Key = "t-1.2.1";
    private const string Usage = """{"prompt_tokens":30,"prompt_cache_hit_tokens":20,"completion_tokens":9,"completion_tokens_details":{"reasoning_tokens":4}}""";

    private const string Json =
        """{"id":"r","model":"m","choices":[{"index":0,"message":{"content":"né😀","reasoning_content":"hm","tool_calls":[{"id":"a","type":"function","function":{"name":"ls","arguments":"{}"}}]},"finish_reason":"tool_calls"}],"usage":{"prompt_tokens":7,"completion_tokens":3}}""";

    private static readonly string[] Answer =
    [
        ": keep-alive\n\n",
        Frames.Delta("""{"content":null,"reasoning_content":"think é😀"}"""),
        ": keep-alive\n\n",
        Frames.Content("I will read."),
        Frames.Delta("""{"tool_calls":[{"index":0,"id":"call_00_a","type":"function","function":{"name":"read","arguments":"{\"pa"}}]}"""),
        Frames.Delta("""{"tool_calls":[{"index":0,"function":{"arguments":"th\":1}"}}]}"""),
    ];

    private readonly string _root = Directory.CreateTempSubdirectory("v4agents-answers-").FullName;

    private string Folder => Path.Combine(_root, "answers");

    private string Kept => Path.Combine(Folder, Key + ".answer");

    [Fact]
    public async Task Recover_WhenTheAnswerCameWhole_GivesTheLiveReply()
    {
        await using var house = House();
        house.Server.Then(Stream([.. Answer, Frames.End("tool_calls", Usage), Frames.Done]));
        var live = Assert.IsType<ModelOutcome.Reply>(await house.AskAsync(Key));

        await using var next = House();

        Same(live, await next.RecoverAsync(Key));
        Assert.Equal(("think é😀", 20L, 4L), (live.Message.Reasoning, live.Usage.CacheHit, live.Usage.Reasoning));
        Assert.Null(await next.RecoverAsync("t-1.2.2"));
    }

    [Theory]
    [InlineData("application/json", "\n\n" + Json)]
    [InlineData("text/plain", " " + Json)]
    public async Task Recover_WhenTheAnswerWasJson_GivesTheLiveReply(string type, string body)
    {
        await using var house = House(("Models:Stream", "false"));
        house.Server.Then(exchange => exchange.SendWholeAsync(body, type));
        var live = Assert.IsType<ModelOutcome.Reply>(await house.AskAsync(Key));

        // The next service may be set up otherwise: the bytes say what they are.
        await using var next = House();

        Same(live, await next.RecoverAsync(Key));
    }

    [Fact]
    public async Task Recover_WhenTheServerNamedNoType_GivesTheLiveReply()
    {
        await using var house = House();
        house.Server.Then(async exchange =>
        {
            await exchange.SendAsync("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n");
            await exchange.SendAsync(Frames.Content("a") + Frames.End());
            exchange.End();
        });
        var live = Assert.IsType<ModelOutcome.Reply>(await house.AskAsync(Key));

        await using var next = House();

        Same(live, await next.RecoverAsync(Key));
    }

    [Fact]
    public async Task Recover_WhenTheServiceDiesInTheMiddle_GivesNothing()
    {
        await using var house = House();
        using var stop = new CancellationTokenSource();
        var asking = await HungAsync(house, stop, [.. Answer]);

        await using var next = House();

        Assert.True(new FileInfo(Kept).Length > string.Concat(Answer).Length);
        Assert.Null(await next.RecoverAsync(Key));
        await EndAsync(stop, asking);
    }

    [Fact]
    public async Task Recover_WhenTheServiceDiesBetweenTheEndAndDone_GivesTheReply()
    {
        await using var house = House();
        using var stop = new CancellationTokenSource();
        var asking = await HungAsync(house, stop, [.. Answer, Frames.End("tool_calls", Usage)]);

        await using var next = House();
        var recovered = await next.RecoverAsync(Key);

        // A live call takes the same bytes for whole when the connection breaks there.
        await using var live = House();
        live.Server.Then(Stream([.. Answer, Frames.End("tool_calls", Usage)]));
        Same(Assert.IsType<ModelOutcome.Reply>(await live.AskAsync("other")), recovered);
        await EndAsync(stop, asking);
    }

    [Fact]
    public async Task Recover_WhereverTheBytesEnd_JudgesAsALiveCallWould()
    {
        var whole = Encoding.UTF8.GetBytes(string.Concat([.. Answer, Frames.End("tool_calls", Usage), Frames.Done]));
        var until = whole.Length - Encoding.UTF8.GetByteCount(Frames.Done);
        await using var house = House();
        house.Server.Then(Stream([.. Answer, Frames.End("tool_calls", Usage), Frames.Done]));
        var live = Assert.IsType<ModelOutcome.Reply>(await house.AskAsync(Key));
        var kept = await File.ReadAllBytesAsync(Kept, TestContext.Current.CancellationToken);

        for (var length = 0; length < kept.Length; length++)
        {
            await File.WriteAllBytesAsync(Kept, kept[..length], TestContext.Current.CancellationToken);
            var recovered = await house.RecoverAsync(Key);

            // The frame with the finish reason ends in two line ends, of which the first completes it.
            if (length < kept.Length - whole.Length + until - 1)
            {
                Assert.Null(recovered);
            }
            else
            {
                Same(live, recovered);
            }
        }
    }

    [Theory]
    [InlineData("insufficient_system_resource")]
    [InlineData("aborted")]
    public async Task Recover_WhenTheServerGaveUp_GivesNothing(string finish)
    {
        await using var house = House();
        using var stop = new CancellationTokenSource();
        var asking = await HungAsync(house, stop, [.. Answer, Frames.End(finish, Usage)]);

        Assert.Null(await house.RecoverAsync(Key));
        await EndAsync(stop, asking);
    }

    [Fact]
    public async Task File_WhenTheAnswerIsRecorded_IsForgotten()
    {
        await using var house = House();
        house.Server.Then(Stream(Frames.Content("a"), Frames.End(), Frames.Done));
        await house.AskAsync(Key);
        Assert.True(File.Exists(Kept));

        house.Client.Forget(Key);
        house.Client.Forget(Key);

        Assert.Null(await house.RecoverAsync(Key));
        Assert.Empty(Directory.GetFiles(Folder));
    }

    [Fact]
    public async Task File_WhenTheCallFailsOrIsCancelled_Goes()
    {
        await using var house = House();
        house.Server.Then(Stream(Frames.Content("half")));
        house.Server.Then(exchange => exchange.SendWholeAsync("no", "text/plain", "400 x"));
        Assert.IsType<ModelOutcome.Failure>(await house.AskAsync(Key));
        Assert.IsType<ModelOutcome.Failure>(await house.AskAsync(Key));
        Assert.Empty(Directory.GetFiles(Folder));

        using var stop = new CancellationTokenSource();
        var asking = await HungAsync(house, stop, Frames.Content("half"));
        Assert.True(File.Exists(Kept));
        await EndAsync(stop, asking);

        Assert.Empty(Directory.GetFiles(Folder));
    }

    [Fact]
    public async Task File_WhenTheCallIsMadeAgain_HoldsTheNewAnswerAloneThoughTheOldCallStillWrites()
    {
        await using var old = House();
        using var stop = new CancellationTokenSource();
        var asking = await HungAsync(old, stop, Frames.Content("old"));
        await using var house = House();
        house.Server.Then(Stream(Frames.Content("new"), Frames.End(), Frames.Done));

        var live = Assert.IsType<ModelOutcome.Reply>(await house.AskAsync(Key));

        Assert.Equal("new", live.Message.Content);
        Same(live, await house.RecoverAsync(Key));
        await EndAsync(stop, asking);
    }

    [Fact]
    public async Task File_WhenTheSameClientCallsTwiceUnderOneKey_BelongsToTheLaterCall()
    {
        await using var house = House();
        using var stop = new CancellationTokenSource();
        var asking = await HungAsync(house, stop, Frames.Content("old"));
        house.Server.Then(Stream(Frames.Content("new"), Frames.End(), Frames.Done));
        var live = Assert.IsType<ModelOutcome.Reply>(await house.AskAsync(Key));

        await EndAsync(stop, asking);

        Same(live, await house.RecoverAsync(Key));
    }

    [Fact]
    public async Task File_WhenKept_IsTheOwnersAndHoldsNeitherKeyNorHeaderNorPrompt()
    {
        await using var house = House(("Models:Key", "sk-0123456789"));
        house.Server.Then(exchange => exchange.SendWholeAsync(Frames.Content("a") + Frames.End() + Frames.Done, "text/event-stream", headers: "X-Trace: 77\r\n"));
        await house.AskAsync(Key);

        Assert.Equal("text/event-stream\n" + Frames.Content("a") + Frames.End() + Frames.Done, await File.ReadAllTextAsync(Kept, TestContext.Current.CancellationToken));
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Kept));
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(Folder));
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("../t")]
    [InlineData("a/b")]
    [InlineData("a\\b")]
    [InlineData("a\0b")]
    [InlineData("a b")]
    [InlineData("ü")]
    public async Task Key_WhenItIsNoName_IsRefusedBeforeAnythingIsSent(string key)
    {
        await using var house = House();

        await Assert.ThrowsAsync<ArgumentException>(() => house.AskAsync(key));
        await Assert.ThrowsAsync<ArgumentException>(() => house.RecoverAsync(key));
        Assert.Throws<ArgumentException>(() => house.Client.Forget(key));
        await Assert.ThrowsAsync<ArgumentException>(() => house.AskAsync(new string('a', 201)));

        Assert.Empty(house.Server.Requests);
        Assert.Empty(Directory.GetFileSystemEntries(_root));
    }

    [Fact]
    public async Task Call_WhenNothingCanBeKept_GoesOnAndSaysSoOnce()
    {
        await File.WriteAllTextAsync(Folder, "not a directory", TestContext.Current.CancellationToken);
        await using var house = House();
        for (var i = 0; i < 2; i++)
        {
            house.Server.Then(Stream(Frames.Content("a"), Frames.End(), Frames.Done));
            Assert.IsType<ModelOutcome.Reply>(await house.AskAsync(Key));
        }

        Assert.Null(await house.RecoverAsync(Key));
        house.Client.Forget(Key);
        Assert.Single(house.Logs.Lines, line => line.Level == LogLevel.Warning);
    }

    [Fact]
    public async Task Call_WhenTheDiskIsFull_GoesOnAndLeavesNoHalfFile()
    {
        Assert.SkipUnless(Environment.UserName == "root", "only root can mount a small disk");
        Directory.CreateDirectory(Folder);
        await RunAsync("mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", Folder);
        try
        {
            await using var house = House();
            house.Server.Then(Stream(Frames.Content(new string('x', 200_000)), Frames.End(), Frames.Done));

            Assert.Equal(200_000, Assert.IsType<ModelOutcome.Reply>(await house.AskAsync(Key)).Message.Content!.Length);

            Assert.Empty(Directory.GetFiles(Folder));
            Assert.Single(house.Logs.Lines, line => line.Level == LogLevel.Warning);
        }
        finally
        {
            await RunAsync("umount", Folder);
        }
    }

    [Fact]
    public async Task Start_WhenAnswersAreAWeekOld_RemovesThemAndNothingElse()
    {
        await using var house = House();
        Directory.CreateDirectory(Folder);
        foreach (var (name, days) in new[] { ("old.answer", 8), ("new.answer", 6), ("other.txt", 8) })
        {
            var path = Path.Combine(Folder, name);
            await File.WriteAllTextAsync(path, "x", TestContext.Current.CancellationToken);
            File.SetLastWriteTimeUtc(path, (house.Time.GetUtcNow() - TimeSpan.FromDays(days)).UtcDateTime);
        }

        await house.StartAsync();

        Assert.Equal(["new.answer", "other.txt"], Directory.GetFiles(Folder).Select(Path.GetFileName).Order());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Render_IsWhatIsSent(bool stream)
    {
        await using var house = House(("Models:Stream", $"{stream}"));
        house.Server.Then(exchange => exchange.SendWholeAsync(Json));
        var tool = new ToolDefinition("read", "Reads é😀 \"files\".", """{"type":"object"}""");
        var request = new ModelRequest(
            ModelRole.Solver,
            [
                new ChatMessage.System("s"),
                new ChatMessage.User("né😀\n\"q\""),
                new ChatMessage.Assistant("r", null, [new ToolCall("a", "read", "{\"x\": 1}")]),
                new ChatMessage.ToolResult("a", "ok"),
            ],
            [tool],
            77)
        { Key = Key };

        var rendered = house.Client.Render(request);
        await house.Client.CompleteAsync(request, new Watch(), TestContext.Current.CancellationToken);

        Assert.Equal(Encoding.UTF8.GetString(rendered.Span), Assert.Single(house.Server.Requests).Body);
        Assert.Equal(Encoding.UTF8.GetString(rendered.Span), Encoding.UTF8.GetString(house.Client.Render(request).Span));
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);

    private ModelHouse House(params (string, string)[] settings) => new([("Models:AnswerDirectory", Folder), .. settings]);

    private static void Same(ModelOutcome.Reply expected, ModelOutcome.Reply? actual)
    {
        Assert.NotNull(actual);
        Assert.Equal(Encoding.UTF8.GetString(MessageCodec.Encode(expected.Message)), Encoding.UTF8.GetString(MessageCodec.Encode(actual.Message)));
        Assert.Equal((expected.Finish, expected.Usage, expected.ServedModel), (actual.Finish, actual.Usage, actual.ServedModel));
    }

    /// <summary>A call whose answer stands still after these frames, all of them read.</summary>
    private static async Task<Task<ModelOutcome>> HungAsync(ModelHouse house, CancellationTokenSource stop, params string[] frames)
    {
        var watch = new Counter(frames.Length);
        house.Server.Then(async exchange =>
        {
            await exchange.SendEndlessHeadAsync();
            await exchange.SendAsync(string.Concat(frames));
            await exchange.ClosedByClientAsync();
        });
        var asking = house.AskAsync(Key, watch, stop.Token);
        await watch.Reached.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
        return asking;
    }

    private static async Task EndAsync(CancellationTokenSource stop, Task<ModelOutcome> asking)
    {
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asking);
    }

    private static Func<Exchange, Task> Stream(params string[] frames) => async exchange =>
    {
        await exchange.SendHeadAsync();
        await exchange.SendAsync(string.Concat(frames));
        exchange.End();
    };

    private static async Task RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(program, arguments);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, process.ExitCode);
    }

    private sealed class Counter(int target) : IProgress<ModelProgress>
    {
        private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _seen;

        public Task Reached => _reached.Task;

        public void Report(ModelProgress value)
        {
            if (++_seen == target)
            {
                _reached.TrySetResult();
            }
        }
    }
}
