using System.Globalization;
using Docker.DotNet;
using Docker.DotNet.Models;
using V4Agents.Core.Sandboxing;

namespace V4Agents.Sandboxes.Docker;

/// <summary>Volumes and networks with an instance's label that no container uses: somebody removed the container and not what came with it.</summary>
internal sealed class UnusedParts(EngineCalls engine, TimeProvider time)
{
    /// <summary>A younger one may belong to a container that is being created at this moment.</summary>
    private static readonly TimeSpan Young = TimeSpan.FromMinutes(2);

    public static Dictionary<string, IDictionary<string, bool>> Of(string instance) => new()
    {
        ["label"] = new Dictionary<string, bool> { [$"{ContainerProfile.InstanceLabel}={instance}"] = true },
    };

    /// <summary>How many were removed. One that cannot be is left for the next time.</summary>
    public async Task<int> RemoveAsync(string instance, CancellationToken cancellationToken)
    {
        var unused = Of(instance);
        unused["dangling"] = new Dictionary<string, bool> { ["true"] = true };
        var volumes = await engine.AskAsync(
            (e, token) => e.Volumes.ListAsync(new VolumesListParameters { Filters = unused }, token), EngineCalls.Short, cancellationToken);
        var networks = await engine.AskAsync(
            (e, token) => e.Networks.ListNetworksAsync(new NetworksListParameters { Filters = unused }, token), EngineCalls.Short, cancellationToken);
        var count = 0;
        foreach (var volume in volumes.Volumes ?? [])
        {
            var made = DateTimeOffset.TryParse(volume.CreatedAt, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at) ? at : default;
            count += IsOld(made) && await RemovedAsync((e, token) => e.Volumes.RemoveAsync(volume.Name, cancellationToken: token), cancellationToken) ? 1 : 0;
        }

        foreach (var network in networks)
        {
            var made = new DateTimeOffset(DateTime.SpecifyKind(network.Created.ToUniversalTime(), DateTimeKind.Utc));
            count += IsOld(made) && await RemovedAsync((e, token) => e.Networks.DeleteNetworkAsync(network.ID, token), cancellationToken) ? 1 : 0;
        }

        return count;
    }

    private bool IsOld(DateTimeOffset made) => time.GetUtcNow() - made > Young;

    private async Task<bool> RemovedAsync(Func<DockerClient, CancellationToken, Task> remove, CancellationToken cancellationToken)
    {
        try
        {
            await engine.TellAsync(remove, EngineCalls.Long, cancellationToken);
            return true;
        }
        catch (Exception e) when (e is DockerApiException or SandboxException)
        {
            // In use after all, or gone; the engine refuses to remove what a container has.
            return false;
        }
    }
}
