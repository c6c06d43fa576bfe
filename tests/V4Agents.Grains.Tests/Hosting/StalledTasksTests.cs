using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using V4Agents.Core.Sandboxing;
using V4Agents.Core.Tasks;
using V4Agents.Grains.Hosting;
using V4Agents.TestKit.Fakes;
using V4Agents.TestKit.Tasks;
using Xunit;

namespace V4Agents.Grains.Tests.Hosting;

public sealed class StalledTasksTests
{
    private readonly MemoryJournal _journal = new();
    private readonly FakeSandboxes _sandboxes = new() { Now = Events.Noon };
    private readonly FakeTimeProvider _clock = new(Events.Noon);
    private readonly StalledTasks _stalled;

    public StalledTasksTests() =>
        _stalled = new(_journal, _sandboxes, _journal, _journal, new FixedWorkflow(), Options.Create(new WatchdogOptions()), _clock);

    [Fact]
    public async Task List_WhenNothingIsRecordedForLongerThanTheThreshold_NamesTheTaskAndWhatItDoes()
    {
        await AppendAsync();
        _clock.Advance(TimeSpan.FromMinutes(15));
        Assert.Empty(await _stalled.ListAsync(default));

        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(
            [new StalledTask(Events.TheTask, Events.Submission().Title, new TimeSpan(0, 15, 1), "preparing the repository")], await _stalled.ListAsync(default));
    }

    [Fact]
    public async Task List_WhenPaused_IsEmptyHoweverLongItLasts()
    {
        await AppendAsync(new TaskEvent.Paused("lunch", Events.Noon));
        _clock.Advance(TimeSpan.FromDays(30));
        Assert.Empty(await _stalled.ListAsync(default));
    }

    [Fact]
    public async Task List_WhenAnAttemptIsDueLater_WaitsForItAndThenNamesTheFailure()
    {
        await AppendAsync(new TaskEvent.EffectFailed(
            "prepare repository", FailureCode.RepositoryUnreachable, "no route", true, Events.Noon.AddMinutes(30), Events.Noon));
        _clock.Advance(TimeSpan.FromMinutes(45));
        Assert.Empty(await _stalled.ListAsync(default));

        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Contains("no route", Assert.Single(await _stalled.ListAsync(default)).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task List_WhenNobodyRenewsTheLeaseOfItsSandbox_SaysWhichEngine()
    {
        await AppendAsync();
        await _sandboxes.RegisterAsync(new SandboxId("v4-x"), Events.TheTask, "gone", default);
        _clock.Advance(TimeSpan.FromMinutes(4));

        Assert.Contains("engine gone", Assert.Single(await _stalled.ListAsync(default)).Reason, StringComparison.Ordinal);
    }

    private async Task AppendAsync(params TaskEvent[] more)
    {
        var workflow = await _journal.PutAsync("name: x"u8.ToArray(), default);
        TaskEvent[] events = [new TaskEvent.Submitted(Events.TheTask, Events.Submission() with { Workflow = workflow }, Events.Noon), .. more];
        await _journal.AppendAsync(Events.TheTask, 0, events, Events.Fold(events).Summarize(), default);
    }
}
