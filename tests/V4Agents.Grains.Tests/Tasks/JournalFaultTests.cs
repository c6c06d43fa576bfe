using V4Agents.Core.Journal;
using V4Agents.Core.Tasks;
using V4Agents.TestKit.Fakes;
using Xunit;
using static V4Agents.Grains.Tests.Tasks.TaskHouse;
using static V4Agents.TestKit.Tasks.Events;

namespace V4Agents.Grains.Tests.Tasks;

public sealed class JournalFaultTests
{
    private static async Task<(IReadOnlyList<TaskEvent> Events, TaskHouse House)> RunAsync(Action<TaskHouse> arrange)
    {
        await using var house = new TaskHouse(GreenPatch());
        house.Sandboxes.Behaviour = Fixing;
        arrange(house);
        await house.StartAsync();
        await house.SubmitAsync();
        return (await house.FinishedAsync(), house);
    }

    [Fact]
    public async Task Task_WhenTheDatabaseIsAwayAtEveryAppend_KeepsWhatItBroughtBackAndPaysNothingTwice()
    {
        var tries = new Dictionary<string, int>();
        var (events, house) = await RunAsync(house => house.Journal.BeforeAppend = (_, appended) =>
        {
            var what = $"{appended[0]}";
            return (tries[what] = tries.GetValueOrDefault(what) + 1) == 1 ? throw new JournalException(JournalFault.Unavailable, "away") : Task.CompletedTask;
        });

        Assert.Equal(TaskOutcome.Verified, Assert.Single(events.OfType<TaskEvent.Concluded>()).Outcome);
        Assert.Equal(4, house.Model.Requests.Count);
        Assert.Empty(events.OfType<TaskEvent.ModelCallInterrupted>());
        Assert.Empty(events.OfType<TaskEvent.Adopted>());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Task_WhenNobodyKnowsWhetherTheWriteLanded_ReadsItBack(bool landed)
    {
        var broken = new HashSet<string>();
        Task Break(IReadOnlyList<TaskEvent> appended) =>
            broken.Add($"{appended[0]}") ? throw new JournalException(JournalFault.OutcomeUnknown, "the connection broke") : Task.CompletedTask;
        var (events, house) = await RunAsync(house =>
        {
            house.Journal.BeforeAppend = (_, appended) => landed ? Task.CompletedTask : Break(appended);
            house.Journal.AfterAppend = (_, appended) => landed ? Break(appended) : Task.CompletedTask;
        });

        Assert.Equal(TaskOutcome.Verified, Assert.Single(events.OfType<TaskEvent.Concluded>()).Outcome);
        Assert.Single(events.OfType<TaskEvent.Submitted>());
        Assert.Equal(4, house.Model.Requests.Count);
    }

    [Fact]
    public async Task Task_WhenAnotherWriterOwnsIt_StopsAtOnceAndGoesOnFromWhatTheJournalHolds()
    {
        await using var house = new TaskHouse(GreenPatch());
        house.Sandboxes.Behaviour = Fixing;
        var stolen = false;
        house.Journal.BeforeAppend = async (task, appended) =>
        {
            if (appended[0] is TaskEvent.ToolCallCompleted && !stolen)
            {
                stolen = true;
                var state = Fold([.. (await house.Journal.ReadAsync(task, 0, default)).Select(entry => entry.Event)]);
                var other = new TaskEvent.Adopted(state.Epoch + 1, "another silo", Noon);
                await house.Journal.AppendAsync(task, state.Seq, [other], state.Apply(other).Summarize(), default);
            }
        };
        await house.StartAsync();
        await house.SubmitAsync();

        var events = await house.FinishedAsync();

        Assert.Equal(TaskOutcome.Verified, Assert.Single(events.OfType<TaskEvent.Concluded>()).Outcome);
        Assert.Equal([2, 3], events.OfType<TaskEvent.Adopted>().Select(e => e.Epoch));
        Assert.Equal(4, house.Model.Requests.Count);
    }

    [Fact]
    public async Task Say_WhileTheDatabaseStaysAway_IsAnsweredAndTheTaskGoesOnAfterwards()
    {
        await using var house = new TaskHouse(GreenPatch());
        house.Sandboxes.Behaviour = Fixing;
        var away = false;
        var trying = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        house.Journal.BeforeAppend = (_, appended) =>
        {
            if (appended[0] is TaskEvent.ToolCallCompleted && trying.TrySetResult())
            {
                away = true;
            }

            return away ? throw new JournalException(JournalFault.Unavailable, "away") : Task.CompletedTask;
        };
        await house.StartAsync();
        await house.SubmitAsync();
        await trying.Task.WaitAsync(TimeSpan.FromSeconds(60));

        var message = await house.Journal.PutAsync(Core.Conversations.MessageCodec.Encode(new Core.Conversations.ChatMessage.User("use tabs")), default);
        var refused = await Assert.ThrowsAsync<JournalException>(() => house.Task().SayAsync(message, "use tabs", default));
        Assert.Equal(JournalFault.Unavailable, refused.Fault);
        Assert.NotNull(await house.Task().StatusAsync(default));

        away = false;
        Assert.Equal(TaskOutcome.Verified, Assert.Single((await house.FinishedAsync()).OfType<TaskEvent.Concluded>()).Outcome);
        Assert.Equal(4, house.Model.Requests.Count);
    }
}
