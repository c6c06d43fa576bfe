using V4Agents.Core.Conversations;
using V4Agents.Core.Tasks;
using V4Agents.Core.Tools;
using Xunit;
using static V4Agents.TestKit.Tasks.Events;

namespace V4Agents.Core.Tests.Tasks;

/// <summary>A sandbox that dies takes nothing with it that was saved, and no call's effect happens twice on the tree.</summary>
public sealed class SandboxLossTests
{
    private static readonly TaskEvent[] Running = Working(
        CallStarted(1), CallCompleted(1, "bash"), ToolStarted(1, 0), ToolCompleted(1, 0), Checkpointed("a"), CallStarted(2), CallCompleted(2, "bash"), ToolStarted(2, 0));

    private static TaskAction Decide(params TaskEvent[] events) => Decider.Decide(Fold(events), Workflow, Noon);

    [Fact]
    public void Decide_WhenTheSandboxDiesDuringACall_PutsTheTreeBackAndRunsTheCallAgain()
    {
        Assert.Equal(new TaskAction.RestoreSandbox(), Decide([.. Running, Interrupted(2, 0)]));

        TaskEvent[] restored = [.. Running, Interrupted(2, 0), Restored(rebuilt: false)];
        Assert.Equal(new ToolCallId(2, 0), Assert.IsType<TaskAction.RunTool>(Decide(restored)).Call.Id);
        Assert.Equal((1, "restored"), (Fold(restored).BrokenRuns, Fold(restored).Notice));
    }

    [Fact]
    public void Decide_WhenTheContainerIsGone_RebuildsItFromTheCheckpoints()
    {
        Assert.Equal(new TaskAction.RestoreSandbox(), Decide([.. Running, Lost()]));
        Assert.Equal(1, Fold([.. Running, Lost()]).BrokenRuns);
        Assert.Equal(new ToolCallId(2, 0), Assert.IsType<TaskAction.RunTool>(Decide([.. Running, Lost(), Restored()])).Call.Id);
    }

    [Fact]
    public void Decide_WhenACallTakesItsSandboxDownTwice_TellsTheModelInsteadOfRunningItAgain()
    {
        TaskEvent[] twice = [.. Running, Interrupted(2, 0), Restored(), ToolStarted(2, 0), Interrupted(2, 0, run: 2), Restored()];

        Assert.IsType<TaskAction.GiveUpTool>(Decide(twice));
        var answered = Fold([.. twice, ToolCompleted(2, 0)]);
        Assert.Equal((0, null), (answered.BrokenRuns, answered.Notice));
        Assert.IsType<TaskAction.CallModel>(Decider.Decide(answered, Workflow, Noon));
    }

    [Fact]
    public void Decide_WhenTheSandboxIsFoundGoneAtTheSubmission_RestoresItBeforeThePatchIsTaken()
    {
        TaskEvent[] submitted = Working(CallStarted(1), CallCompleted(1, "submit"), Lost());

        Assert.Equal(new TaskAction.RestoreSandbox(), Decide(submitted));
        Assert.Equal(new TaskAction.CapturePatch(), Decide([.. submitted, Restored()]));
    }

    [Fact]
    public void Decide_WhenATaskEndsWithoutItsSandbox_TakesThePartialPatchFromTheCheckpoints()
    {
        TaskEvent[] ended = [.. Running, Lost(), Concluded(TaskOutcome.BudgetExhausted)];

        Assert.Equal(new TaskAction.RestoreSandbox(), Decide(ended));
        Assert.Equal(new TaskAction.CapturePatch(), Decide([.. ended, Restored()]));
    }

    [Fact]
    public void Decide_WhenTheRestorationCannotBeMade_FailsWithTheReason()
    {
        var action = Decide([.. Running, Lost(), new TaskEvent.EffectFailed("restoring", FailureCode.SandboxLost, "another tree", IsTransient: false, Noon, Noon)]);

        Assert.Equal(new TaskAction.Conclude(TaskOutcome.Failed, FailureCode.SandboxLost, "another tree"), action);
    }

    [Fact]
    public void Fold_OfARestoredSandbox_KnowsNoCapturedPatch()
    {
        var state = Fold(Working(CallStarted(1), CallCompleted(1, "submit"), PatchCaptured(APatch), Lost(), Restored()));

        Assert.False(state.PatchKnown);
    }

    /// <summary>Putting the tree back would undo calls that had finished and could not be saved.</summary>
    [Fact]
    public void Decide_WhenTheTreeCouldNotBeSavedBeforeAnInterruptedCall_LeavesItAndTellsTheModel()
    {
        TaskEvent unsaved = new TaskEvent.WorkspaceUnsaved("disk full", Noon);
        TaskEvent[] running = Working(CallStarted(1), CallCompleted(1, "bash", "bash"), ToolStarted(1, 0), unsaved, ToolCompleted(1, 0), ToolStarted(1, 1));

        Assert.IsType<TaskAction.GiveUpTool>(Decide([.. running, Interrupted(1, 1)]));
        Assert.Equal("disk full", Fold([.. running, Lost()]).Unsaved);
        Assert.Null(Fold([.. running, Lost(), Restored()]).Unsaved);
    }
}
