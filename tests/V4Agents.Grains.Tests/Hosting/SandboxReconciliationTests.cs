using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using V4Agents.Core.Sandboxing;
using V4Agents.Core.Tasks;
using V4Agents.Grains.Hosting;
using V4Agents.TestKit.Fakes;
using V4Agents.TestKit.Tasks;
using Xunit;

namespace V4Agents.Grains.Tests.Hosting;

public sealed class SandboxReconciliationTests
{
    private static readonly TaskId Live = new("t-live");
    private static readonly TaskId Done = new("t-done");
    private static readonly TaskId Unknown = new("t-unknown");

    private readonly MemoryJournal _journal = new();
    private readonly FakeSandboxes _sandboxes = new();
    private readonly FakeTimeProvider _clock = new(Events.Noon);
    private readonly SandboxReconciliation _reconciliation;

    public SandboxReconciliationTests()
    {
        _sandboxes.Now = Events.Noon;
        _reconciliation = Another();
    }

    [Fact]
    public async Task Round_WhenTasksAreLiveFinishedAndUnknown_RemovesWhatNoLiveTaskOwns()
    {
        await SummariesAsync();
        foreach (var task in new[] { Live, Done, Unknown })
        {
            await OpenAsync(task);
            await OpenAsync(task, check: 1);
        }

        await _reconciliation.RoundAsync(default);

        Assert.Equivalent(new[] { Id(Live), Id(Live, 1) }, _sandboxes.Alive, strict: true);
        Assert.Equivalent(new[] { Id(Live), Id(Live, 1) }, _sandboxes.Registered, strict: true);
    }

    [Fact]
    public async Task Round_WhenWhatIsRemovedHasADirtyTree_KeepsItFirst()
    {
        await SummariesAsync();
        await WriteAsync(await OpenAsync(Unknown), "a=1\n");
        await WriteAsync(await OpenAsync(Done), "b=1\n");
        await OpenAsync(Done, check: 1);

        await _reconciliation.RoundAsync(default);

        Assert.Equal([(Done, "b=1"), (Unknown, "a=1")], _sandboxes.Orphans.Select(it => (it.Task, it.Tree)).OrderBy(it => it.Task.Value));
        Assert.Empty(_sandboxes.Alive);
    }

    [Fact]
    public async Task Round_WhenAFinishedTaskHasItsPatch_KeepsNothing()
    {
        await SummariesAsync(patchFiles: 1);
        await WriteAsync(await OpenAsync(Done), "b=1\n");

        await _reconciliation.RoundAsync(default);

        Assert.Empty(_sandboxes.Orphans);
        Assert.Empty(_sandboxes.Alive);
    }

    [Fact]
    public async Task Round_WhenALiveTaskWasRebuiltOnAnotherEngine_KeepsAndRemovesItHereAndLeavesTheRow()
    {
        await SummariesAsync();
        await WriteAsync(await OpenAsync(Live), "a=1\n");
        await _sandboxes.RegisterAsync(Id(Live), Live, "another", default);

        await _reconciliation.RoundAsync(default);

        Assert.Empty(_sandboxes.Alive);
        Assert.Single(_sandboxes.Orphans);
        Assert.Equal([Id(Live)], _sandboxes.Registered);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    public async Task Round_WhenALiveTasksContainerHasNoRowOrOneWithoutEngine_HoldsIt(string? engine)
    {
        await SummariesAsync();
        await OpenAsync(Live);
        await (engine is null ? _sandboxes.ReleaseAsync(Id(Live), default) : _sandboxes.RegisterAsync(Id(Live), Live, engine, default));

        await _reconciliation.RoundAsync(default);

        Assert.Equal([Id(Live)], _sandboxes.Alive);
        var row = Assert.Single(await ((ISandboxRegistry)_sandboxes).ListAsync(default));
        Assert.Equal(_sandboxes.Engine, row.Engine);
    }

    [Fact]
    public async Task Round_WhenARowHasNoContainer_ReleasesItOnceNoCreationCanBeUnderWay()
    {
        await SummariesAsync();
        await _sandboxes.RegisterAsync(Id(Live), Live, _sandboxes.Engine, default);
        await _sandboxes.RegisterAsync(Id(Done), Done, "another", default);

        _clock.Advance(TimeSpan.FromMinutes(2));
        await _reconciliation.RoundAsync(default);
        Assert.Equal(2, _sandboxes.Registered.Count);

        _clock.Advance(TimeSpan.FromSeconds(1));
        await _reconciliation.RoundAsync(default);
        Assert.Equal([Id(Done)], _sandboxes.Registered);
    }

    [Fact]
    public async Task Round_WhenOneContainerCannotBeRemoved_RemovesTheOthersAndTriesAgain()
    {
        await OpenAsync(Unknown);
        await OpenAsync(Unknown, check: 1);
        _sandboxes.BeforeRemove = id => id == Id(Unknown) ? throw new SandboxException("busy", isTransient: true) : Task.CompletedTask;

        await _reconciliation.RoundAsync(default);
        Assert.Equal([Id(Unknown)], _sandboxes.Alive);
        Assert.Equal([Id(Unknown)], _sandboxes.Registered);

        _sandboxes.BeforeRemove = _ => Task.CompletedTask;
        await _reconciliation.RoundAsync(default);
        Assert.Empty(_sandboxes.Alive);
    }

    /// <summary>What was seen is removed, not what has its name by then.</summary>
    [Fact]
    public async Task Round_WhenAContainerIsMadeAnewBeforeTheOldOneIsRemoved_LeavesTheNewOne()
    {
        await OpenAsync(Unknown, check: 1);
        _sandboxes.BeforeRemove = async id =>
        {
            _sandboxes.BeforeRemove = _ => Task.CompletedTask;
            await _sandboxes.RemoveAsync(id, default);
            await OpenAsync(Unknown, check: 1);
        };

        await _reconciliation.RoundAsync(default);

        Assert.Equal([Id(Unknown, 1)], _sandboxes.Alive);
    }

    [Fact]
    public async Task Round_WhenTwoServicesSweepAtOnce_EndsAsWithOne()
    {
        await SummariesAsync();
        await OpenAsync(Live);
        for (var i = 0; i < 50; i++)
        {
            await OpenAsync(new TaskId($"t-{i}"));
        }

        var other = Another();
        await Task.WhenAll(Task.Run(() => _reconciliation.RoundAsync(default)), Task.Run(() => other.RoundAsync(default)));

        Assert.Equal([Id(Live)], _sandboxes.Alive);
        Assert.Equal([Id(Live)], _sandboxes.Registered);
    }

    /// <summary>Every state that a kill can leave between row, container, removal and release; random ones, many times.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Round_AfterAThousandKillsAnywhere_LeavesWhatLiveTasksOwnAndNothingElse(int seed)
    {
        await SummariesAsync();
        var random = new Random(seed);
        for (var kill = 0; kill < 1_000; kill++)
        {
            var (task, check) = (new[] { Live, Done, Unknown }[random.Next(3)], random.Next(3));
            var steps = new Func<Task>[]
            {
                () => _sandboxes.RegisterAsync(Id(task, check), task, _sandboxes.Engine, default),
                () => _sandboxes.OpenAsync(new SandboxSpec(Id(task, check), task, "fake", TimeSpan.FromHours(1)), default),
                () => _sandboxes.RemoveAsync(Id(task, check), default),
                () => _sandboxes.ReleaseAsync(Id(task, check), default),
            };
            foreach (var step in steps.Take(random.Next(steps.Length + 1)))
            {
                await step();
            }

            if (random.Next(20) == 0)
            {
                await _reconciliation.RoundAsync(default);
            }
        }

        _clock.Advance(TimeSpan.FromMinutes(3));
        await _reconciliation.RoundAsync(default);

        Assert.All(_sandboxes.Alive, id => Assert.StartsWith($"v4-{Live}", id.Value, StringComparison.Ordinal));
        Assert.Equal(_sandboxes.Alive.Select(id => id.Value).Order(), _sandboxes.Registered.Select(id => id.Value).Order());
    }

    private static SandboxId Id(TaskId task, int check = 0) => new(check == 0 ? $"v4-{task}" : $"v4-{task}-check-{check}");

    private static Task WriteAsync(ISandbox sandbox, string files) => sandbox.PutFileAsync("files", System.Text.Encoding.UTF8.GetBytes(files), default);

    private SandboxReconciliation Another() => new(_sandboxes, _sandboxes, _journal, _journal, _clock, NullLogger<SandboxReconciliation>.Instance);

    private async Task<ISandbox> OpenAsync(TaskId task, int check = 0)
    {
        await _sandboxes.RegisterAsync(Id(task, check), task, _sandboxes.Engine, default);
        var sandbox = await _sandboxes.OpenAsync(new SandboxSpec(Id(task, check), task, "fake", TimeSpan.FromHours(1)), default);
        await sandbox.SeedAsync((_, _) => Task.CompletedTask, default);
        return sandbox;
    }

    private async Task SummariesAsync(int patchFiles = 0)
    {
        foreach (var task in new[] { Live, Done })
        {
            var submitted = new TaskEvent.Submitted(task, Events.Submission(), Events.Noon);
            var summary = Events.Fold(submitted).Summarize() with { Finished = task == Done, PatchFiles = patchFiles };
            await _journal.AppendAsync(task, 0, [submitted], summary, default);
        }
    }
}
