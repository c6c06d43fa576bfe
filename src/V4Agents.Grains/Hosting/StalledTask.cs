using V4Agents.Core.Tasks;

namespace V4Agents.Grains.Hosting;

/// <param name="Since">Time since the last event.</param>
/// <param name="Reason">What the task does or waits for, for a person.</param>
public sealed record StalledTask(TaskId Task, string Title, TimeSpan Since, string Reason);
