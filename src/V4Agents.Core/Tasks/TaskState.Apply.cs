using V4Agents.Core.Blobs;
using V4Agents.Core.Conversations;
using V4Agents.Core.Prompts;
using V4Agents.Core.Tools;
using V4Agents.Core.Verification;

namespace V4Agents.Core.Tasks;

public sealed partial record TaskState
{
    public TaskState Apply(TaskEvent e) => Fold(e) with { Seq = Seq + 1, UpdatedAt = e.At };

    private TaskState Fold(TaskEvent e) => e switch
    {
        TaskEvent.Submitted it => this with { Id = it.Task, Submission = it.Submission, SubmittedAt = it.At },
        TaskEvent.RepositoryPrepared it => Succeeded() with { Repository = it.Repository },
        TaskEvent.VerificationStarted it => this with { Open = new OpenEffect.Verification(it.Kind, it.Number) },
        TaskEvent.VerificationCompleted it => Verified(it),
        TaskEvent.ModelCallStarted it => this with
        {
            Open = new OpenEffect.ModelCall(it.Call, it.Role, it.Model, it.MaxTokens, it.ReservedUsd, it.At),
            Attempts = it.Call.Attempt,
        },
        TaskEvent.ModelCallCompleted it => Answered(it),
        TaskEvent.ModelCallFailed it => (Failed(EffectNames.ModelCall, FailureCodes.Of(it.Kind), it.Message, it.Kind.IsTransient(), it.RetryAt) with { Open = null }).Hear(),
        TaskEvent.ModelCallInterrupted it => (this with { Open = null, Spend = Spend.AddUnconfirmed(it.UnconfirmedUsd) }).Hear(),
        TaskEvent.TriageRecorded it => this with { Triaged = true, Brief = it.Brief, Attempts = 0, Fault = null, NotBefore = default },
        TaskEvent.SandboxOpened it => Succeeded() with { Sandbox = it.Sandbox, SeedTree = it.Tree },
        TaskEvent.ConversationOpened it => it.Messages.Aggregate(
            Succeeded() with { Tools = it.Tools, Prompt = PromptChain.Begin(it.Tools) }, (state, message) => state.Say(message)).Hear(),
        TaskEvent.ToolCallStarted it => this with
        {
            // Whatever runs from here on may change the work tree, so what was captured no longer speaks for it.
            Open = new OpenEffect.ToolCall(Pending[0]),
            PatchKnown = false,
            GateIsCurrent = false,
        },
        TaskEvent.ToolCallCompleted it => (Succeeded().Say(it.Reply) with
        {
            Open = null,
            Pending = Pending.RemoveAt(0),
            BrokenRuns = 0,
            Notice = null,
        }).Hear(),
        // A tree that could not be saved before the call stays as the call left it: putting it back would undo calls that had finished.
        TaskEvent.ToolCallInterrupted it => this with { Open = null, BrokenRuns = it.Run, RestoreDue = Unsaved is null },
        TaskEvent.WorkspaceCheckpointed it => this with { Checkpoints = Checkpoints.Add(new CheckpointRef(it.Tree, it.Commit, it.Bundle)), Unsaved = null },
        TaskEvent.WorkspaceUnsaved it => this with { Unsaved = it.Reason },
        TaskEvent.SandboxLost => this with
        {
            Sandbox = null,
            RestoreDue = true,
            PatchKnown = false,
            GateIsCurrent = false,
            Open = Open is OpenEffect.ToolCall ? null : Open,
            BrokenRuns = Open is OpenEffect.ToolCall ? BrokenRuns + 1 : BrokenRuns,
        },
        TaskEvent.SandboxRestored it => Succeeded() with { Sandbox = it.Sandbox, RestoreDue = false, Unsaved = null, Notice = it.Notice },
        TaskEvent.Nudged it => Say(it.Message) with { NudgeDue = null },
        TaskEvent.PatchCaptured it => Succeeded() with { PatchKnown = true, Patch = it.Patch, PatchRefused = it.Refused },
        TaskEvent.EffectFailed it => Failed(it.Effect, it.Code, it.Message, it.IsTransient, it.RetryAt),
        TaskEvent.Adopted it => this with { Epoch = it.Epoch },
        TaskEvent.Paused it => this with { PausedAt = it.At },
        TaskEvent.Resumed it => this with { PausedAt = null, Idled = Idled + (Approval is null ? Since(PausedAt, it.At) : TimeSpan.Zero) },
        TaskEvent.Said it => (Waited(it.At) with { Unheard = Unheard.Add(it.Message) }).Hear(),
        TaskEvent.ApprovalRequested it => this with
        {
            Approval = new ApprovalWait(it.Number, it.Reason, it.ExpiresAt),
            ApprovalSince = it.At,
            Approvals = it.Number,
        },
        TaskEvent.ApprovalAnswered it => Decided(it),
        // A wait that is under way ends up in Idled as a whole, the jump included.
        TaskEvent.ClockAdjusted it => this with
        {
            Idled = PausedAt is null && Approval is null ? Idled + TimeSpan.FromSeconds(it.Seconds) : Idled,
            NotBefore = default,
        },
        TaskEvent.Forked it => ForkedAs(it),
        TaskEvent.CancelRequested it => this with
        {
            CancelReason = it.Reason,
            CancelledAt = it.At,
            Halted = false,
            PausedAt = null,
            Idled = Idled + Since(PausedAt, it.At),
            Fault = null,
            NotBefore = default,
        },
        TaskEvent.Halted => Succeeded() with { Open = null, Halted = true },
        TaskEvent.Concluded it => Succeeded() with { Conclusion = new Conclusion(it.Outcome, it.Failure, it.Message) },
        TaskEvent.SandboxClosed => Succeeded() with { SandboxClosed = true },
        TaskEvent.BranchPushStarted => this,
        TaskEvent.BranchPushCompleted it => Succeeded() with { PushedCommit = it.Commit, PushRefused = it.Refused },
        TaskEvent.DeliveryStarted => this,
        TaskEvent.DeliveryCompleted it => Succeeded() with { Delivered = new Delivered(it.Patch, it.Report, it.Receipt) },
        TaskEvent.Finished => this with { Finished = true },
        _ => throw new InvalidOperationException($"No fold is written for {e.GetType().Name}."),
    };

    private TaskState Succeeded() => this with { Fault = null, NotBefore = default };

    private TaskState Failed(string effect, FailureCode code, string message, bool isTransient, DateTimeOffset retryAt) => this with
    {
        Fault = new EffectFault(effect, code, message, isTransient, Fault?.Effect == effect ? Fault.InARow + 1 : 1),
        NotBefore = retryAt,
    };

    private TaskState Say(BlobId message) => this with { Messages = Messages.Add(message), Prompt = PromptChain.Extend(Prompt, message) };

    /// <summary>At a boundary (the conversation is open, every tool call is answered, no reply is due) the model is told what people said.</summary>
    private TaskState Hear() => Unheard.IsEmpty || Tools is null || !Pending.IsEmpty || Open is OpenEffect.ModelCall
        ? this
        : Unheard.Aggregate(this, (state, message) => state.Say(message)) with
        {
            Unheard = [],
            Unanswered = true,
            NudgeDue = null,
            Idle = 0,
            Declined = null,
        };

    /// <summary>A question that was answered, or overtaken by something else a person said.</summary>
    private TaskState Waited(DateTimeOffset until) =>
        Approval is null ? this : this with { Approval = null, Idled = Idled + Since(ApprovalSince, until), PausedAt = PausedAt is null ? null : until };

    private static TimeSpan Since(DateTimeOffset? from, DateTimeOffset to) => from is { } start && to > start ? to - start : TimeSpan.Zero;

    private TaskState Answered(TaskEvent.ModelCallCompleted it)
    {
        var state = Succeeded() with
        {
            Open = null,
            Attempts = 0,
            EndpointProved = true,
            Spend = Spend.Add(it.Usage, it.CostUsd ?? 0),
        };
        if (it.Role != ModelRole.Solver)
        {
            return state;
        }

        var idle = it.ToolCalls.Count == 0;
        return (state.Say(it.Reply) with
        {
            Step = Step + 1,
            Reply = it.Reply,
            Pending = [.. it.ToolCalls],
            Unanswered = false,
            Idle = idle ? Idle + 1 : 0,
            NudgeDue = idle ? it.Finish == FinishReason.Length ? NudgeReason.Cut : NudgeReason.NoCall : null,
        }).Hear();
    }

    private TaskState Verified(TaskEvent.VerificationCompleted it)
    {
        var mark = new VerificationMark(it.Passed, it.ChecksPassed, it.Checks, it.Problem, it.CommandMissing, it.Result);
        var state = Succeeded() with { Open = null, Verifications = it.Number };
        if (it.Kind == VerificationKind.Baseline)
        {
            return state with { Baseline = mark };
        }

        state = state with { Gate = mark, GateRuns = GateRuns + 1, GateStep = Step, GateIsCurrent = true, Approved = false };
        return it.Reply is { } reply && Pending is [{ Name: ToolCatalog.Submit }, ..]
            ? (state.Say(reply) with { Pending = Pending.RemoveAt(0), Notice = null }).Hear()
            : state;
    }

    private TaskState Decided(TaskEvent.ApprovalAnswered it)
    {
        var state = Waited(it.At) with { Approved = it.Approved };
        return (it.Approved, it.Message) switch
        {
            (true, _) => state,
            (false, { } message) => (state with { Unheard = Unheard.Add(message) }).Hear(),
            _ => state with { Declined = it.Comment ?? "A person declined the patch." },
        };
    }

    /// <summary>The conversation and the saved work tree go on; what was decided about them, spent on them and built from them does not.</summary>
    private TaskState ForkedAs(TaskEvent.Forked it)
    {
        var fork = Succeeded() with
        {
            Id = it.Task,
            Origin = new Origin(it.Source, it.SourceSeq, it.Step),
            SubmittedAt = it.At,
            Epoch = 1,
            Idled = TimeSpan.Zero,
            Submission = Submission! with { Budget = it.Budget, RequestHash = it.RequestHash },
            Sandbox = null,
            SandboxClosed = false,
            Notice = null,
            Spend = Budgets.Spend.None,
            Unheard = [],
            PausedAt = null,
            Approval = null,
            Declined = null,
            CancelReason = null,
            CancelledAt = default,
            Halted = false,
            BrokenRuns = 0,
            RestoreDue = false,
            PatchKnown = false,
            Patch = null,
            PatchRefused = null,
            Gate = null,
            GateRuns = 0,
            GateIsCurrent = false,
            Approvals = 0,
            Approved = false,
        };
        return it.Message is { } message ? (fork with { Unheard = [message] }).Hear() : fork;
    }
}
