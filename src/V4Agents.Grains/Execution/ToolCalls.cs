using V4Agents.Core.Blobs;
using V4Agents.Core.Conversations;
using V4Agents.Core.Sandboxing;
using V4Agents.Core.Tasks;
using V4Agents.Core.Tools;

namespace V4Agents.Grains.Execution;

/// <summary>Tool calls in the task's sandbox. Running one again under its id only reads the sandbox's ledger.</summary>
internal sealed class ToolCalls(ISandboxes sandboxes, IBlobStore blobs, TimeProvider clock)
{
    public async Task<TaskEvent> IntentAsync(TaskState state, TaskAction.RunTool tool, TaskSession session, CancellationToken cancellationToken)
    {
        var arguments = await ArgumentsAsync(state, tool.Call, session, cancellationToken);
        return new TaskEvent.ToolCallStarted(tool.Call.Id, tool.Call.Name, ToolArguments.Preview(tool.Call.Name, arguments), clock.GetUtcNow());
    }

    public async Task<TaskEvent> RunAsync(TaskState state, ToolCallRef call, TaskSession session, CancellationToken cancellationToken)
    {
        var arguments = await ArgumentsAsync(state, call, session, cancellationToken);
        var sandbox = await session.SandboxAsync(state.Sandbox!.Value, sandboxes, cancellationToken);
        var timeout = ToolArguments.Timeout(arguments, session.Workflow.CallTimeout);
        var result = await sandbox.RunAsync(new SandboxCall(call.Id.InLedgerOf(state.Id), call.Name, arguments, timeout), cancellationToken);
        var output = await blobs.PutAsync(result.Output, cancellationToken);
        var reply = new ChatMessage.ToolResult(call.ModelId, ToolOutput.ForModel(call.Name, result));
        return new TaskEvent.ToolCallCompleted(
            call.Id, call.Name, result.ExitCode, result.TimedOut, result.OutputBytes, Math.Round(result.Duration.TotalSeconds, 3),
            await blobs.PutAsync(MessageCodec.Encode(reply), cancellationToken), output, clock.GetUtcNow());
    }

    public async Task<TaskEvent> RefuseAsync(ToolCallRef call, CancellationToken cancellationToken)
    {
        var reply = new ChatMessage.ToolResult(call.ModelId, ReplyCalls.Refusal(call));
        return new TaskEvent.ToolCallCompleted(
            call.Id, call.Name, ExitCode: 1, TimedOut: false, OutputBytes: 0, Seconds: 0,
            await blobs.PutAsync(MessageCodec.Encode(reply), cancellationToken), Output: null, clock.GetUtcNow());
    }

    private async Task<string> ArgumentsAsync(TaskState state, ToolCallRef call, TaskSession session, CancellationToken cancellationToken)
    {
        var (messages, _) = await session.MessagesAsync([state.Reply!.Value], blobs, cancellationToken);
        return ((ChatMessage.Assistant)messages[0]).ToolCalls[call.Id.Index].Arguments;
    }
}
