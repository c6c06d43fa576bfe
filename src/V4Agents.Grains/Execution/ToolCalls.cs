using V4Agents.Core.Blobs;
using V4Agents.Core.Conversations;
using V4Agents.Core.Sandboxing;
using V4Agents.Core.Tasks;
using V4Agents.Core.Tools;

namespace V4Agents.Grains.Execution;

/// <summary>Tool calls in the task's sandbox. Running one again under its id only reads the sandbox's ledger.</summary>
internal sealed class ToolCalls(Workspaces workspaces, PatientBlobs blobs, TimeProvider clock)
{
    public async Task<TaskEvent> IntentAsync(TaskState state, TaskAction.RunTool tool, TaskSession session, CancellationToken cancellationToken)
    {
        var arguments = await ArgumentsAsync(state, tool.Call, session, cancellationToken);
        return new TaskEvent.ToolCallStarted(tool.Call.Id, tool.Call.Name, ToolArguments.Preview(tool.Call.Name, arguments), clock.GetUtcNow());
    }

    /// <summary>
    /// The result and the saved work tree are one fact: a sandbox that dies between the two is put back to before the call, which then runs again.
    /// </summary>
    public async Task<IReadOnlyList<TaskEvent>> RunAsync(
        TaskState state, ToolCallRef call, TaskSession session, IProgress<CallProgress>? progress, CancellationToken cancellationToken)
    {
        var arguments = await ArgumentsAsync(state, call, session, cancellationToken);
        var sandbox = await session.SandboxAsync(state.Sandbox!.Value, workspaces, cancellationToken);
        var timeout = ToolArguments.Timeout(arguments, session.Workflow.CallTimeout);
        var run = state.BrokenRuns + 1;
        var result = await sandbox.RunAsync(new SandboxCall(call.Id.InLedgerOf(state.Id, run), call.Name, arguments, timeout), progress, cancellationToken);
        if (result.Interrupted)
        {
            return [new TaskEvent.ToolCallInterrupted(call.Id, run, clock.GetUtcNow())];
        }

        var saved = ToolCatalog.Changes(call.Name) ? await workspaces.SaveAsync(state, sandbox, cancellationToken) : null;
        var output = await blobs.PutAsync(result.Output, cancellationToken);
        var text = ToolOutput.ForModel(call.Name, result);
        text = saved is TaskEvent.WorkspaceUnsaved unsaved ? $"{text}\n[the work tree could not be saved: {unsaved.Reason}]\n" : text;
        var reply = new ChatMessage.ToolResult(call.ModelId, state.Notice is { } notice ? $"[{notice}]\n{text}" : text);
        var completed = new TaskEvent.ToolCallCompleted(
            call.Id, call.Name, result.ExitCode, result.TimedOut, result.OutputBytes, Math.Round(result.Duration.TotalSeconds, 3),
            await blobs.PutAsync(MessageCodec.Encode(reply), cancellationToken), output, clock.GetUtcNow());
        return saved is null ? [completed] : [saved, completed];
    }

    public Task<TaskEvent> RefuseAsync(ToolCallRef call, CancellationToken cancellationToken) =>
        AnswerAsync(call, ReplyCalls.Refusal(call), cancellationToken);

    public Task<TaskEvent> GiveUpAsync(TaskState state, ToolCallRef call, CancellationToken cancellationToken) => AnswerAsync(
        call,
        state.Unsaved is { } unsaved && state.BrokenRuns == 1
            ? $"The sandbox died during this call. How far it got is not known, and it is not run again, because the work tree could not be saved before it ({unsaved}). Look at what is there."
            : $"[{state.Notice}]\nThe sandbox died during each of {state.BrokenRuns} runs of this call, so it is not run again. The work tree is as it was before the call. "
        + "If the call needs much memory or kills processes, do it another way.",
        cancellationToken);

    private async Task<TaskEvent> AnswerAsync(ToolCallRef call, string text, CancellationToken cancellationToken) => new TaskEvent.ToolCallCompleted(
        call.Id, call.Name, ExitCode: 1, TimedOut: false, OutputBytes: 0, Seconds: 0,
        await blobs.PutAsync(MessageCodec.Encode(new ChatMessage.ToolResult(call.ModelId, text)), cancellationToken), Output: null, clock.GetUtcNow());

    private async Task<string> ArgumentsAsync(TaskState state, ToolCallRef call, TaskSession session, CancellationToken cancellationToken)
    {
        var (messages, _) = await session.MessagesAsync([state.Reply!.Value], blobs, cancellationToken);
        return ((ChatMessage.Assistant)messages[0]).ToolCalls[call.Id.Index].Arguments;
    }
}
