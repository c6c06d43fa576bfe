using V4Agents.Core.Conversations;
using V4Agents.Core.Tasks;
using V4Agents.Grains.Execution;
using Xunit;
using static V4Agents.TestKit.Tasks.Events;

namespace V4Agents.Grains.Tests.Execution;

public sealed class BackoffTests
{
    /// <summary>With the attempts that the shipped workflow allows.</summary>
    private const int ModelAttempts = 30;

    [Fact]
    public void Decide_WhenTheEndpointIsGoneForAnHour_WaitsForCapacityAndGoesOn()
    {
        var workflow = Workflow with { ModelAttempts = ModelAttempts };
        var submitted = (TaskEvent.Submitted)Submitted();
        var state = Fold([
            submitted with { Submission = submitted.Submission with { Budget = submitted.Submission.Budget with { WallTime = TimeSpan.FromHours(4) } } }, .. Working().Skip(1)]);
        var now = Noon;
        for (var attempt = 1; now < Noon.AddHours(1); attempt++)
        {
            Assert.Equal(new TaskAction.CallModel(new CallId(1, attempt), ModelRole.Solver), Decider.Decide(state, workflow, now));
            var retryAt = now + Backoff.After(state.Fault?.InARow ?? 0);
            state = state.Apply(CallStarted(1, attempt: attempt) with { At = now })
                .Apply(CallFailed(1, ModelFailure.Unreachable, attempt, retryAt) with { At = now });
            Assert.StartsWith("waiting_for_capacity until", state.Summarize().Activity, StringComparison.Ordinal);
            Assert.Equal(new TaskAction.SleepUntil(retryAt), Decider.Decide(state, workflow, now));
            now = retryAt;
        }

        Assert.IsType<TaskAction.CallModel>(Decider.Decide(state, workflow, now));
    }
}
