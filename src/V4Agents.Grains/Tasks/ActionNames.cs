using V4Agents.Core.Tasks;
using V4Agents.Core.Verification;

namespace V4Agents.Grains.Tasks;

/// <summary>Actions for people, and the names of the points at which a proof of durability ends the process.</summary>
internal static class ActionNames
{
    public static string Of(TaskAction action) => action switch
    {
        TaskAction.PrepareRepository => "preparing the repository",
        TaskAction.Verify { Kind: VerificationKind.Baseline } => "running checks on the untouched commit",
        TaskAction.Verify => "running the gate",
        TaskAction.CallModel call => $"model call ({call.Role.ToString().ToLowerInvariant()}, step {call.Call.Step})",
        TaskAction.OpenSandbox => "opening the sandbox",
        TaskAction.RestoreSandbox => "restoring the sandbox",
        TaskAction.OpenConversation => "packing the repository",
        TaskAction.RunTool tool => $"tool {tool.Call.Name}",
        TaskAction.CapturePatch => "capturing the patch",
        TaskAction.Reconcile => "finding out how an interrupted effect ended",
        TaskAction.Halt => "stopping what runs",
        TaskAction.CloseSandbox => EffectNames.CloseSandbox,
        TaskAction.PushBranch => EffectNames.PushBranch,
        TaskAction.Deliver => "delivering",
        _ => "going on",
    };

    public static string Kind(TaskAction action) => action switch
    {
        TaskAction.PrepareRepository => "prepare-repository",
        TaskAction.Verify { Kind: VerificationKind.Baseline } => "baseline",
        TaskAction.Verify => "gate",
        TaskAction.CallModel => "model-call",
        TaskAction.OpenSandbox => "open-sandbox",
        TaskAction.RestoreSandbox => "restore-sandbox",
        TaskAction.OpenConversation => "open-conversation",
        TaskAction.RunTool tool => $"tool-{tool.Call.Name}",
        TaskAction.CapturePatch => "capture-patch",
        TaskAction.Reconcile => "reconcile",
        TaskAction.Halt => "halt",
        TaskAction.CloseSandbox => "close-sandbox",
        TaskAction.PushBranch => "push-branch",
        TaskAction.Deliver => "deliver",
        _ => "step",
    };
}
