using System.Collections.Concurrent;
using V4Agents.Core.Tasks;

namespace V4Agents.Grains.Hosting;

/// <summary>The tasks whose live writer is in this process.</summary>
internal sealed class LiveTasks
{
    private readonly ConcurrentDictionary<TaskId, byte> _tasks = new();

    public void Add(TaskId task) => _tasks[task] = 0;

    public void Remove(TaskId task) => _tasks.TryRemove(task, out _);

    public IReadOnlyCollection<TaskId> All => [.. _tasks.Keys];

    public bool Contains(TaskId task) => _tasks.ContainsKey(task);
}
