using V4Agents.Core.Tasks;

namespace V4Agents.Grains.Tasks;

/// <summary>Facts that anyone with the journal may append to a task that another process works on: they begin and end no effect.</summary>
internal static class ControlFacts
{
    public static bool Is(TaskEvent e) => e is TaskEvent.CancelRequested or TaskEvent.Paused or TaskEvent.Resumed or TaskEvent.Said or TaskEvent.ApprovalAnswered;
}
