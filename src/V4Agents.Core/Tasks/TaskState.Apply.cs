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
            Open = new OpenEffect.ModelCall(it.Call, it.Role, it.MaxTokens, it.ReservedUsd), Attempts = it.Call.Attempt,
        },
        TaskEvent.ModelCallCompleted it => Answered(it),
        TaskEvent.ModelCallFailed it => this with
        {
            Open = null,
            Fault = new EffectFault(FailureCodes.Of(it.Kind), it.Message, it.Kind.IsTransient(), (Fault?.InARow ?? 0) + 1),
            NotBefore = it.RetryAt,
        },
        TaskEvent.ModelCallInterrupted it => this with { Open = null, Spend = Spend.AddUnconfirmed(it.UnconfirmedUsd) },
        TaskEvent.TriageRecorded it => this with { Triaged = true, Brief = it.Brief, Attempts = 0, Fault = null, NotBefore = default },
        TaskEvent.SandboxOpened it => Succeeded() with { Sandbox = it.Sandbox },
        TaskEvent.ConversationOpened it => it.Messages.Aggregate(
            Succeeded() with { Tools = it.Tools, Prompt = PromptChain.Begin(it.Tools) }, (state, message) => state.Say(message)),
        TaskEvent.ToolCallStarted it => this with
        {
            // Whatever runs from here on may change the work tree, so what was captured no longer speaks for it.
            Open = new OpenEffect.ToolCall(Pending[0]), PatchKnown = false, GateIsCurrent = false,
        },
        TaskEvent.ToolCallCompleted it => Succeeded().Say(it.Reply) with { Open = null, Pending = Pending.RemoveAt(0) },
        TaskEvent.Nudged it => Say(it.Message) with { NudgeDue = null },
        TaskEvent.PatchCaptured it => Succeeded() with { PatchKnown = true, Patch = it.Patch, PatchRefused = it.Refused },
        TaskEvent.EffectFailed it => this with
        {
            Fault = new EffectFault(it.Code, it.Message, it.IsTransient, (Fault?.InARow ?? 0) + 1), NotBefore = it.RetryAt,
        },
        TaskEvent.CancelRequested it => this with { CancelReason = it.Reason },
        TaskEvent.Concluded it => Succeeded() with { Conclusion = new Conclusion(it.Outcome, it.Failure, it.Message) },
        TaskEvent.SandboxClosed => Succeeded() with { SandboxClosed = true },
        TaskEvent.DeliveryStarted => this,
        TaskEvent.DeliveryCompleted it => Succeeded() with { Delivered = new Delivered(it.Patch, it.Report, it.Receipt) },
        TaskEvent.Finished => this with { Finished = true },
        _ => throw new InvalidOperationException($"No fold is written for {e.GetType().Name}."),
    };

    private TaskState Succeeded() => this with { Fault = null, NotBefore = default };

    private TaskState Say(BlobId message) => this with { Messages = Messages.Add(message), Prompt = PromptChain.Extend(Prompt, message) };

    private TaskState Answered(TaskEvent.ModelCallCompleted it)
    {
        var state = Succeeded() with
        {
            Open = null, Attempts = 0, EndpointProved = true, Spend = Spend.Add(it.Usage, it.CostUsd ?? 0),
        };
        if (it.Role != ModelRole.Solver)
        {
            return state;
        }

        var idle = it.ToolCalls.Count == 0;
        return state.Say(it.Reply) with
        {
            Step = Step + 1,
            Reply = it.Reply,
            Pending = [.. it.ToolCalls],
            Idle = idle ? Idle + 1 : 0,
            NudgeDue = idle ? it.Finish == FinishReason.Length ? NudgeReason.Cut : NudgeReason.NoCall : null,
        };
    }

    private TaskState Verified(TaskEvent.VerificationCompleted it)
    {
        var mark = new VerificationMark(it.Passed, it.ChecksPassed, it.Checks, it.Problem, it.CommandMissing, it.Result);
        var state = Succeeded() with { Open = null, Verifications = it.Number };
        if (it.Kind == VerificationKind.Baseline)
        {
            return state with { Baseline = mark };
        }

        state = state with { Gate = mark, GateRuns = GateRuns + 1, GateIsCurrent = true };
        return it.Reply is { } reply && Pending is [{ Name: ToolCatalog.Submit }, ..] ? state.Say(reply) with { Pending = Pending.RemoveAt(0) } : state;
    }
}
