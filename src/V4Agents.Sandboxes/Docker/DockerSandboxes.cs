using System.Net;
using Docker.DotNet;
using Docker.DotNet.Models;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using V4Agents.Core.Sandboxing;
using V4Agents.Core.Tasks;
using V4Agents.Sandboxes.Calls;

namespace V4Agents.Sandboxes.Docker;

/// <summary>Sandboxes as containers of a Docker engine.</summary>
internal sealed partial class DockerSandboxes(IOptions<SandboxOptions> options, TimeProvider time, ILogger<DockerSandboxes> logger)
    : ISandboxes, IDisposable
{
    /// <summary>A removal, and an opening that meets one, wait this long for the engine to get rid of a container.</summary>
    private static readonly TimeSpan RemovalLimit = TimeSpan.FromSeconds(60);

    private readonly SandboxOptions _options = options.Value;
    private readonly EngineCalls _engine = new(options.Value, time);

    public async Task<string?> ProbeAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _engine.TellAsync(
                async (engine, token) =>
                {
                    await engine.System.PingAsync(token);
                    await engine.Images.InspectImageAsync(_options.Image, token);
                },
                EngineCalls.Short,
                cancellationToken);
            return null;
        }
        catch (Exception e) when (e is DockerApiException or SandboxException)
        {
            return e is SandboxException known ? known.Message : EngineFailures.Describe(e, _options).Message;
        }
    }

    /// <summary>
    /// Asked each time, because an engine can be replaced under its address. Its own id alone will not do: it comes from the machine's configuration, which
    /// a second engine on the machine shares, and so does every machine cloned from the same image.
    /// </summary>
    public async Task<string> EngineAsync(CancellationToken cancellationToken)
    {
        var info = await _engine.AskAsync((engine, token) => engine.System.GetSystemInfoAsync(token), EngineCalls.Short, cancellationToken);
        return $"{info.Name}:{info.DockerRootDir}:{info.ID}";
    }

    public async Task<ISandbox> OpenAsync(SandboxSpec spec, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await CreateAsync(spec, cancellationToken);
                return await ConnectedAsync(spec.Id, cancellationToken);
            }
            catch (SandboxException e) when (e.IsLost && attempt == 1)
            {
                // What an earlier try left cannot be used, or was removed after it was seen. Whoever opens seeds: nothing is swapped for nothing.
                LogReplaced(spec.Task, spec.Id, e.Message);
                await RemoveAsync(spec.Id, cancellationToken);
            }
        }
    }

    public async Task<ISandbox?> AttachAsync(SandboxId id, CancellationToken cancellationToken)
    {
        try
        {
            return await ConnectedAsync(id, cancellationToken);
        }
        catch (SandboxException e) when (e.IsLost)
        {
            LogNotThere(id, e.Message);
            return null;
        }
    }

    public Task RemoveAsync(SandboxId id, CancellationToken cancellationToken) => RemoveAsync(id, id.Value, cancellationToken);

    public Task RemoveAsync(SandboxListing found, CancellationToken cancellationToken) => RemoveAsync(found.Id, found.Container, cancellationToken);

    public async Task<IReadOnlyList<SandboxListing>> ListAsync(string instance, CancellationToken cancellationToken)
    {
        var containers = await _engine.AskAsync(
            (engine, token) => engine.Containers.ListContainersAsync(new ContainersListParameters { All = true, Filters = UnusedParts.Of(instance) }, token),
            EngineCalls.Short,
            cancellationToken);
        return [.. containers.Where(c => c.Labels.ContainsKey(ContainerProfile.SandboxLabel)).Select(c => new SandboxListing(
            new SandboxId(c.Labels[ContainerProfile.SandboxLabel]),
            new TaskId(c.Labels.TryGetValue(ContainerProfile.TaskLabel, out var task) ? task : ""),
            c.State == "running",
            new DateTimeOffset(DateTime.SpecifyKind(c.Created.ToUniversalTime(), DateTimeKind.Utc)),
            c.ID)
        {
            Engine = c.Labels.TryGetValue(ContainerProfile.EngineLabel, out var engine) ? engine : "",
        })];
    }

    public Task<int> RemoveUnusedAsync(string instance, CancellationToken cancellationToken) =>
        new UnusedParts(_engine, time).RemoveAsync(instance, cancellationToken);

    public void Dispose() => _engine.Dispose();

    /// <summary>Afterwards there is a container of that name that is this task's.</summary>
    private async Task CreateAsync(SandboxSpec spec, CancellationToken cancellationToken)
    {
        var until = time.GetUtcNow() + RemovalLimit;
        while (true)
        {
            try
            {
                await _engine.TellAsync(
                    (engine, token) => engine.Containers.CreateContainerAsync(ContainerProfile.Of(spec, _options), token), EngineCalls.Long, cancellationToken);
                LogCreated(spec.Task, spec.Id);
                return;
            }
            catch (DockerApiException e) when (e.StatusCode == HttpStatusCode.Conflict && time.GetUtcNow() < until)
            {
                // The name is taken: by an earlier try at this sandbox, by one that is being removed, or by something that is not ours to touch.
                if (await LinkTo(spec.Id).InspectAsync(cancellationToken) is { } found)
                {
                    RefuseStrangers(found, spec);
                    if (!ContainerLink.IsGoing(found))
                    {
                        return;
                    }

                    await RemoveAsync(spec.Id, found.ID, cancellationToken);
                }
            }
            catch (DockerApiException e)
            {
                throw EngineFailures.Describe(e, _options);
            }
        }
    }

    private ContainerLink LinkTo(SandboxId id) => new(id, _engine, _options, time, logger);

    private async Task<ISandbox> ConnectedAsync(SandboxId id, CancellationToken cancellationToken)
    {
        var sandbox = new RunnerSandbox(id, LinkTo(id).ConnectAsync, time);
        try
        {
            await sandbox.PingAsync(cancellationToken);
            return sandbox;
        }
        catch (Exception e) when (e is SandboxException or OperationCanceledException)
        {
            await sandbox.DisposeAsync();
            throw;
        }
    }

    /// <param name="container">By name, or exactly this one by the engine's id.</param>
    private async Task RemoveAsync(SandboxId id, string container, CancellationToken cancellationToken)
    {
        var until = time.GetUtcNow() + RemovalLimit;
        while (true)
        {
            try
            {
                await _engine.TellAsync(
                    (engine, token) => engine.Containers.RemoveContainerAsync(container, new ContainerRemoveParameters { Force = true, RemoveVolumes = true }, token),
                    EngineCalls.Long,
                    cancellationToken);
                LogRemoved(id);
                return;
            }
            catch (DockerApiException e) when (EngineFailures.IsNotFound(e))
            {
                // Gone already, which is what was asked for.
                return;
            }
            catch (DockerApiException e) when (time.GetUtcNow() > until)
            {
                throw new SandboxException($"The engine has been removing the container of sandbox {id} for {RemovalLimit.TotalSeconds} seconds.", isTransient: true, e);
            }
            catch (DockerApiException)
            {
                // Someone else's removal is under way; it is over when the engine does not know the container any more.
                await Task.Delay(TimeSpan.FromMilliseconds(100), time, cancellationToken);
            }
        }
    }

    private static void RefuseStrangers(ContainerInspectResponse found, SandboxSpec spec)
    {
        if (found.Config?.Labels is not { } labels || !(labels.TryGetValue(ContainerProfile.InstanceLabel, out var instance) && instance == spec.Instance
            && labels.TryGetValue(ContainerProfile.TaskLabel, out var task) && task == spec.Task.Value))
        {
            throw new SandboxException($"A container named {spec.Id} exists that is not this task's. Remove it (docker rm -f {spec.Id}) if it is not needed.", false);
        }
    }

    [LoggerMessage(1, LogLevel.Information, "Task {Task}: created sandbox {Sandbox}")]
    private partial void LogCreated(TaskId task, SandboxId sandbox);

    [LoggerMessage(2, LogLevel.Warning, "Task {Task}: sandbox {Sandbox} is made anew: {Message}")]
    private partial void LogReplaced(TaskId task, SandboxId sandbox, string message);

    [LoggerMessage(3, LogLevel.Information, "Removed sandbox {Sandbox}")]
    private partial void LogRemoved(SandboxId sandbox);

    [LoggerMessage(4, LogLevel.Information, "Sandbox {Sandbox} cannot be attached to: {Message}")]
    private partial void LogNotThere(SandboxId sandbox, string message);
}
