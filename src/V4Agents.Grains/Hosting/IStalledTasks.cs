namespace V4Agents.Grains.Hosting;

/// <summary>Unfinished tasks that have recorded nothing for longer than what they do explains.</summary>
public interface IStalledTasks
{
    Task<IReadOnlyList<StalledTask>> ListAsync(CancellationToken cancellationToken);
}
