using V4Agents.Core.Tasks;

namespace V4Agents.Core.Tools;

/// <summary>One tool call: the step whose reply asked for it and its place in that reply. Ours, because a model may repeat its own ids.</summary>
public readonly record struct ToolCallId(int Step, int Index)
{
    /// <summary>The id under which the sandbox's call ledger knows a run of this call; the second follows a run that the sandbox did not survive.</summary>
    public string InLedgerOf(TaskId task, int run) => run == 1 ? $"{task}-{Step}-{Index}" : $"{task}-{Step}-{Index}-run{run}";

    public override string ToString() => $"{Step}#{Index}";
}
