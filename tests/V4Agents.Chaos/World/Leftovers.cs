namespace V4Agents.Chaos.World;

/// <summary>What must be gone when every task has finished.</summary>
internal sealed class Leftovers(string database, Containers containers)
{
    private static readonly TimeSpan Poll = TimeSpan.FromSeconds(1);

    /// <summary>The service's own sweep comes once a minute.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(100);

    /// <returns>What is still there after the sweep had its time, a line each; the task's id first where there is one.</returns>
    public async Task<IReadOnlyList<(string Task, string What)>> WaitUntilGoneAsync(CancellationToken cancellationToken)
    {
        for (var until = DateTime.UtcNow + Patience; ; await Task.Delay(Poll, cancellationToken))
        {
            var left = await ListAsync(cancellationToken);
            if (left.Count == 0 || DateTime.UtcNow > until)
            {
                return left;
            }
        }
    }

    private async Task<IReadOnlyList<(string Task, string What)>> ListAsync(CancellationToken cancellationToken) =>
    [
        .. (await containers.ListAsync()).Select(it => (it.Task, $"container {it.Name} is left")),
        .. (await containers.VolumesAsync()).Select(it => ("", $"volume {it} is left")),
        .. await Database.QueryAsync(
            database, "SELECT id, task_id FROM sandboxes WHERE released_at IS NULL", row => (row.GetString(1), $"sandbox {row.GetString(0)} is held"), cancellationToken),
        .. await Database.QueryAsync(
            database, "SELECT grain_id, name FROM orleans_reminders", row => ("", $"reminder {row.GetString(1)} of {row.GetString(0)} is left"), cancellationToken),
    ];
}
