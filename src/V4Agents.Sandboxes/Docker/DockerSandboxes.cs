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
    private readonly SandboxOptions _options = options.Value;
    private readonly DockerClient _engine = new DockerClientBuilder().WithEndpoint(new Uri(options.Value.DockerHost)).Build();
    private string? _engineName;

    public async Task<string?> ProbeAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _engine.System.PingAsync(cancellationToken);
            await _engine.Images.InspectImageAsync(_options.Image, cancellationToken);
            return null;
        }
        catch (Exception e) when (EngineFailures.Is(e))
        {
            return EngineFailures.Describe(e, _options).Message;
        }
    }

    public async Task<string> EngineAsync(CancellationToken cancellationToken)
    {
        try
        {
            return _engineName ??= (await _engine.System.GetSystemInfoAsync(cancellationToken)).ID;
        }
        catch (Exception e) when (EngineFailures.Is(e))
        {
            throw EngineFailures.Describe(e, _options);
        }
    }

    public async Task<ISandbox> OpenAsync(SandboxSpec spec, CancellationToken cancellationToken)
    {
        try
        {
            await _engine.Containers.CreateContainerAsync(ContainerProfile.Of(spec, _options), cancellationToken);
            LogCreated(spec.Task, spec.Id);
        }
        catch (DockerApiException e) when (e.StatusCode == HttpStatusCode.Conflict)
        {
            // The name is taken: by an earlier try at this sandbox, or by something that is not ours to touch.
            await RefuseStrangersAsync(spec, cancellationToken);
        }
        catch (Exception e) when (EngineFailures.Is(e))
        {
            throw EngineFailures.Describe(e, _options);
        }

        return await ConnectedAsync(spec.Id, cancellationToken);
    }

    public async Task<ISandbox?> AttachAsync(SandboxId id, CancellationToken cancellationToken) =>
        await InspectAsync(id, cancellationToken) is null ? null : await ConnectedAsync(id, cancellationToken);

    public async Task RemoveAsync(SandboxId id, CancellationToken cancellationToken)
    {
        try
        {
            await _engine.Containers.RemoveContainerAsync(
                id.Value, new ContainerRemoveParameters { Force = true, RemoveVolumes = true }, cancellationToken);
            LogRemoved(id);
        }
        catch (DockerApiException e) when (e.StatusCode == HttpStatusCode.NotFound)
        {
            // Gone already, which is what was asked for.
        }
        catch (DockerApiException e) when (e.StatusCode == HttpStatusCode.Conflict)
        {
            // Someone else's removal is under way; it is over when the container is not listed any more.
            await UntilGoneAsync(id, cancellationToken);
        }
        catch (Exception e) when (EngineFailures.Is(e))
        {
            throw EngineFailures.Describe(e, _options);
        }
    }

    public async Task<IReadOnlyList<SandboxListing>> ListAsync(string instance, CancellationToken cancellationToken)
    {
        try
        {
            var containers = await _engine.Containers.ListContainersAsync(
                new ContainersListParameters
                {
                    All = true,
                    Filters = new Dictionary<string, IDictionary<string, bool>>
                    {
                        ["label"] = new Dictionary<string, bool> { [$"{ContainerProfile.InstanceLabel}={instance}"] = true },
                    },
                },
                cancellationToken);
            return [.. containers.Where(c => c.Labels.ContainsKey(ContainerProfile.SandboxLabel)).Select(c => new SandboxListing(
                new SandboxId(c.Labels[ContainerProfile.SandboxLabel]),
                new TaskId(c.Labels.TryGetValue(ContainerProfile.TaskLabel, out var task) ? task : ""),
                c.State == "running",
                new DateTimeOffset(DateTime.SpecifyKind(c.Created.ToUniversalTime(), DateTimeKind.Utc))))];
        }
        catch (Exception e) when (EngineFailures.Is(e))
        {
            throw EngineFailures.Describe(e, _options);
        }
    }

    public void Dispose() => _engine.Dispose();

    private async Task<ISandbox> ConnectedAsync(SandboxId id, CancellationToken cancellationToken)
    {
        var sandbox = new RunnerSandbox(id, token => ConnectAsync(id, token), time);
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

    /// <summary>A new bridge to the runner. A container that stopped is started again: its volume has the work tree and the call ledger.</summary>
    private async Task<Stream> ConnectAsync(SandboxId id, CancellationToken cancellationToken)
    {
        try
        {
            var container = await InspectAsync(id, cancellationToken)
                ?? throw new SandboxException($"The container of sandbox {id} does not exist any more.", isTransient: false);
            if (container.State is not { Running: true })
            {
                await _engine.Containers.StartContainerAsync(id.Value, new ContainerStartParameters(), cancellationToken);
                LogStarted(id, container.State?.Status ?? "unknown", container.State?.ExitCode ?? 0);
            }

            var exec = await _engine.Exec.CreateContainerExecAsync(
                id.Value,
                new ContainerExecCreateParameters
                {
                    AttachStdin = true,
                    AttachStdout = true,
                    AttachStderr = true,
                    WorkingDir = "/work",
                    Cmd = [ContainerProfile.Runner, "connect"],
                },
                cancellationToken);
            return new ExecStream(await _engine.Exec.StartContainerExecAsync(exec.ID, new ContainerExecStartParameters(), cancellationToken));
        }
        catch (DockerApiException e) when (e.StatusCode == HttpStatusCode.Conflict)
        {
            // It stopped between the look and the exec; the next attempt sees it stopped and starts it.
            throw new ConnectionLostException($"The container of sandbox {id} is changing its state.", e);
        }
        catch (Exception e) when (EngineFailures.Is(e))
        {
            throw EngineFailures.Describe(e, _options);
        }
    }

    private async Task<ContainerInspectResponse?> InspectAsync(SandboxId id, CancellationToken cancellationToken)
    {
        try
        {
            return await _engine.Containers.InspectContainerAsync(id.Value, cancellationToken);
        }
        catch (DockerApiException e) when (e.StatusCode == HttpStatusCode.NotFound)
        {
            return null;
        }
        catch (Exception e) when (EngineFailures.Is(e))
        {
            throw EngineFailures.Describe(e, _options);
        }
    }

    private async Task RefuseStrangersAsync(SandboxSpec spec, CancellationToken cancellationToken)
    {
        var labels = (await InspectAsync(spec.Id, cancellationToken))?.Config?.Labels;
        if (labels is not null && !(labels.TryGetValue(ContainerProfile.InstanceLabel, out var instance) && instance == spec.Instance
            && labels.TryGetValue(ContainerProfile.TaskLabel, out var task) && task == spec.Task.Value))
        {
            throw new SandboxException($"A container named {spec.Id} exists that is not this task's. Remove it (docker rm -f {spec.Id}) if it is not needed.", false);
        }
    }

    private async Task UntilGoneAsync(SandboxId id, CancellationToken cancellationToken)
    {
        var deadline = time.GetUtcNow() + TimeSpan.FromSeconds(30);
        while (await InspectAsync(id, cancellationToken) is not null)
        {
            if (time.GetUtcNow() > deadline)
            {
                throw new SandboxException($"The engine has been removing the container of sandbox {id} for 30 seconds.", isTransient: true);
            }

            await Task.Delay(TimeSpan.FromMilliseconds(100), time, cancellationToken);
        }
    }

    [LoggerMessage(1, LogLevel.Information, "Task {Task}: created sandbox {Sandbox}")]
    private partial void LogCreated(TaskId task, SandboxId sandbox);

    [LoggerMessage(2, LogLevel.Information, "Started sandbox {Sandbox}, which was {State} (exit code {ExitCode})")]
    private partial void LogStarted(SandboxId sandbox, string state, long exitCode);

    [LoggerMessage(3, LogLevel.Information, "Removed sandbox {Sandbox}")]
    private partial void LogRemoved(SandboxId sandbox);
}
