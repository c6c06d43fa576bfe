using V4Agents.Core.Sandboxing;
using V4Agents.Core.Tasks;

namespace V4Agents.Grains.Execution;

/// <summary>
/// Stop means zero: when this returns, the model's stream is closed and nothing of the task runs in a sandbox. Done again it finds nothing to do, so
/// a stop that a crash broke off is completed after the restart.
/// </summary>
internal sealed class Halts(Workspaces workspaces, ModelCalls models, Verifications verifications, TimeProvider clock)
{
    public async Task<IReadOnlyList<TaskEvent>> RunAsync(TaskState state, OpenEffect? open, TaskSession session, CancellationToken cancellationToken)
    {
        // The loop performs one action at a time: that this one runs means that the stream of a model call is closed.
        var booked = open is OpenEffect.ModelCall call ? models.Interrupted(call) : null;
        if (open is OpenEffect.Verification verification)
        {
            await verifications.AbandonAsync(state, verification.Number, cancellationToken);
        }

        var stopped = await StopSandboxAsync(state, session, cancellationToken);
        var now = clock.GetUtcNow();
        var seconds = state.CancelReason is null ? 0 : Math.Round(Math.Max(0, (now - state.CancelledAt).TotalSeconds), 3);
        var halted = new TaskEvent.Halted(NameOf(open), stopped.Processes, seconds, now);
        return booked is null ? [halted] : [booked, halted];
    }

    private async Task<StoppedCalls> StopSandboxAsync(TaskState state, TaskSession session, CancellationToken cancellationToken)
    {
        if (state is not { Sandbox: { } id, SandboxClosed: false })
        {
            return default;
        }

        try
        {
            return await (await session.SandboxAsync(id, workspaces, cancellationToken)).StopAsync(cancellationToken);
        }
        catch (SandboxException e) when (e.IsLost)
        {
            // Nothing runs in a container that does not exist.
            return default;
        }
    }

    private static string NameOf(OpenEffect? open) => open switch
    {
        OpenEffect.ModelCall => "model call",
        OpenEffect.ToolCall => "tool call",
        OpenEffect.Verification => "verification",
        _ => "nothing",
    };
}
