using V4Agents.Core.Conversations;
using V4Agents.Core.Tasks;
using V4Agents.TestKit.Fakes;
using Xunit;
using static V4Agents.TestKit.Tasks.Events;

namespace V4Agents.Grains.Tests.Tasks;

public sealed class BilledFailureTests
{
    [Theory]
    [InlineData(ModelRole.Solver, true)]
    [InlineData(ModelRole.Solver, false)]
    [InlineData(ModelRole.Triage, true)]
    [InlineData(ModelRole.Triage, false)]
    public async Task Call_WhenItFails_IsBookedAtItsBoundIfItMayBeBilled(ModelRole role, bool mayBeBilled)
    {
        await using var house = new TaskHouse(new ScriptedModel(ScriptedModel.Calls(("submit", """{"summary":"fixed"}"""))));
        house.Model.Instead = request => request.Role == role
            ? new ModelOutcome.Failure(ModelFailure.Protocol, "The answer is no answer.", null) { MayBeBilled = mayBeBilled }
            : null;
        await house.StartAsync();
        await house.SubmitAsync();

        await house.EventAsync(e => e is TaskEvent.ModelCallFailed failed && failed.Role == role);
        var all = (await house.Journal.ReadAsync(TheTask, afterSeq: 0, TestContext.Current.CancellationToken)).Select(entry => entry.Event).ToList();

        Assert.Equal(mayBeBilled, all.OfType<TaskEvent.ModelCallInterrupted>().Any(e => e.Role == role));
        Assert.All(all.OfType<TaskEvent.ModelCallInterrupted>(), e => Assert.True(e.UnconfirmedUsd > 0));
    }
}
