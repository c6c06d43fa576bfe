using System.Net;
using Docker.DotNet;
using Docker.DotNet.Models;
using Microsoft.Extensions.Logging;
using V4Agents.Core.Sandboxing;
using V4Agents.Sandboxes.Calls.Protocol;
using Message = V4Agents.Sandboxes.Calls.Protocol.Message;

namespace V4Agents.Sandboxes.Docker;

/// <summary>
/// The way to the runner of one container, whatever state the container is in: one that stopped is started (its volume has the work tree and the call
/// ledger), one that is paused goes on, one whose runner does not answer is restarted once. What cannot be brought back is lost.
/// </summary>
internal sealed partial class ContainerLink(SandboxId id, EngineCalls engine, SandboxOptions options, TimeProvider time, ILogger logger)
{
    /// <summary>Unanswered bridges, and refused starts, before the container counts as frozen or broken.</summary>
    private const int Tries = 3;

    /// <summary>For a container that somebody else starts, stops or unpauses.</summary>
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private int _silent;
    private int _refusedStarts;

    /// <summary>A stream to a runner that has answered on it.</summary>
    /// <exception cref="SandboxException">Lost, or out of reach for now.</exception>
    public async Task<Stream> ConnectAsync(CancellationToken cancellationToken)
    {
        var (restarted, silent) = (false, _silent);
        var until = time.GetUtcNow() + Settling;
        while (true)
        {
            try
            {
                if (await IsReadyAsync(cancellationToken) && await BridgeAsync(cancellationToken) is { } stream)
                {
                    return stream;
                }
            }
            catch (DockerApiException e)
            {
                // It is not, or no longer, in the state that was just seen: look again.
                LogChanging(id, e.Message);
            }

            if (_silent >= Tries && !restarted)
            {
                await RestartAsync(cancellationToken);
                (restarted, _silent) = (true, 0);
            }
            else if (_silent >= Tries || time.GetUtcNow() > until)
            {
                _silent = 0;
                throw await UnreachableAsync(cancellationToken);
            }

            if (silent != _silent)
            {
                // Each try has its own patience; what is bounded here is a container that never settles.
                (silent, until) = (_silent, time.GetUtcNow() + Settling);
            }

            await Task.Delay(Pause, time, cancellationToken);
        }
    }

    /// <summary>On its way out: the engine will not run it again.</summary>
    public static bool IsGoing(ContainerInspectResponse container) => container.State is { Dead: true } or { Status: "dead" or "removing" };

    /// <summary>Null when there is no container.</summary>
    public async Task<ContainerInspectResponse?> InspectAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await engine.AskAsync((e, token) => e.Containers.InspectContainerAsync(id.Value, token), EngineCalls.Short, cancellationToken);
        }
        catch (DockerApiException e) when (EngineFailures.IsNotFound(e))
        {
            return null;
        }
    }

    private async Task<SandboxException> UnreachableAsync(CancellationToken cancellationToken) => await InspectAsync(cancellationToken) switch
    {
        null => EngineFailures.Lost(id, "does not exist any more"),
        { State: { Status: "exited", ExitCode: not 0 } state } =>
            EngineFailures.Lost(id, $"ends as soon as it is started (exit code {state.ExitCode}, out of memory: {(state.OOMKilled ? "yes" : "no")})"),
        _ => new SandboxException($"The runner of sandbox {id} does not answer, also after its container was restarted.", isTransient: true),
    };

    /// <summary>False when it has to be looked at again.</summary>
    private async Task<bool> IsReadyAsync(CancellationToken cancellationToken)
    {
        var container = await InspectAsync(cancellationToken) ?? throw EngineFailures.Lost(id, "does not exist any more");
        switch (container.State)
        {
            case { Dead: true } or { Status: "dead" or "removing" }:
                throw EngineFailures.Lost(id, "is being removed");
            case { Paused: true }:
                await engine.TellAsync((e, token) => e.Containers.UnpauseContainerAsync(id.Value, token), EngineCalls.Long, cancellationToken);
                LogUnpaused(id);
                return true;
            case { Restarting: true }:
                return false;
            case { Running: true }:
                return true;
            default:
                await HasItsVolumeAsync(container, cancellationToken);
                return await StartAsync(container.State, cancellationToken);
        }
    }

    private async Task<bool> StartAsync(State? was, CancellationToken cancellationToken)
    {
        try
        {
            await engine.TellAsync((e, token) => e.Containers.StartContainerAsync(id.Value, new ContainerStartParameters(), token), EngineCalls.Long, cancellationToken);
            LogStarted(id, was?.Status ?? "unknown", was?.ExitCode ?? 0);
            _refusedStarts = 0;
            return true;
        }
        catch (SandboxException e) when (e.InnerException is DockerApiException refused && !IsPassing(refused))
        {
            // An engine that is well and refuses the same container again and again will go on refusing it.
            if (++_refusedStarts >= Tries)
            {
                throw EngineFailures.Lost(id, $"cannot be started any more ({refused.ResponseBody?.Trim()})", e);
            }

            return false;
        }
    }

    /// <summary>A full disk is no property of the container.</summary>
    private static bool IsPassing(DockerApiException refused) =>
        refused.StatusCode is HttpStatusCode.ServiceUnavailable or HttpStatusCode.TooManyRequests
        || refused.Message.Contains("no space left", StringComparison.OrdinalIgnoreCase)
        || refused.Message.Contains("containerd", StringComparison.OrdinalIgnoreCase)
        || refused.Message.Contains("deadline exceeded", StringComparison.OrdinalIgnoreCase);

    /// <summary>The engine would start a container without its volume on an empty one: a work tree that was swapped for nothing.</summary>
    private async Task HasItsVolumeAsync(ContainerInspectResponse container, CancellationToken cancellationToken)
    {
        var volume = container.Mounts?.FirstOrDefault(mount => mount.Destination == ContainerProfile.WorkDirectory)?.Name;
        try
        {
            if (string.IsNullOrEmpty(volume)
                || await engine.AskAsync((e, token) => e.Volumes.InspectAsync(volume, token), EngineCalls.Short, cancellationToken) is null)
            {
                throw EngineFailures.Lost(id, "has no work volume any more");
            }
        }
        catch (DockerApiException e) when (EngineFailures.IsNotFound(e))
        {
            throw EngineFailures.Lost(id, "has lost its work volume", e);
        }
    }

    /// <summary>Null when nothing answered on it.</summary>
    private async Task<Stream?> BridgeAsync(CancellationToken cancellationToken)
    {
        Stream? bridge = null;
        try
        {
            var exec = await engine.AskAsync(
                (e, token) => e.Exec.CreateContainerExecAsync(
                    id.Value,
                    new ContainerExecCreateParameters
                    {
                        AttachStdin = true,
                        AttachStdout = true,
                        AttachStderr = true,
                        WorkingDir = ContainerProfile.WorkDirectory,
                        Cmd = [ContainerProfile.Runner, "connect"],
                    },
                    token),
                EngineCalls.Short,
                cancellationToken);
            bridge = new ExecStream(await engine.AskAsync(
                (e, token) => e.Exec.StartContainerExecAsync(exec.ID, new ContainerExecStartParameters(), token), EngineCalls.Short, cancellationToken));
            await AnswersAsync(bridge, cancellationToken);
            _silent = 0;
            return bridge;
        }
        catch (Exception e) when (IsSilence(e, cancellationToken))
        {
            // The bridge is there and the runner behind it is not: frozen, just stopping, or the engine is.
            LogSilent(id, ++_silent, e.Message);
            return await DropAsync(bridge);
        }
        catch
        {
            await DropAsync(bridge);
            throw;
        }
    }

    private static bool IsSilence(Exception e, CancellationToken caller) => e switch
    {
        DockerApiException => false,
        SandboxException refused => refused.InnerException is DockerApiException && refused.Message.Contains("OCI runtime exec failed", StringComparison.Ordinal),
        _ => e is InvalidDataException || EngineFailures.Is(e, caller),
    };

    /// <summary>The first exchange on a new bridge. Only a runner that answers is worth a request.</summary>
    private async Task AnswersAsync(Stream bridge, CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(options.AnswerTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);

        // 0 is nobody's: the requests of a connection count from 1.
        await FrameCodec.WriteAsync(bridge, new Message.Ping(0), default, either.Token);
        if (await FrameCodec.ReadAsync(bridge, either.Token).WaitAsync(either.Token) is not { Message: Message.Pong })
        {
            throw new IOException("The bridge ended before the runner answered.");
        }
    }

    /// <summary>What is frozen does not end itself. The volume, with the work tree and the ledger, stays; calls that ran are interrupted.</summary>
    private async Task RestartAsync(CancellationToken cancellationToken)
    {
        LogRestarting(id);
        try
        {
            await engine.TellAsync(
                (e, token) => e.Containers.KillContainerAsync(id.Value, new ContainerKillParameters { Signal = "KILL" }, token), EngineCalls.Long, cancellationToken);
        }
        catch (DockerApiException e) when (EngineFailures.IsNotFound(e))
        {
            throw EngineFailures.Lost(id, "does not exist any more", e);
        }
        catch (DockerApiException e)
        {
            LogChanging(id, e.Message);
        }
    }

    private static async Task<Stream?> DropAsync(Stream? bridge)
    {
        if (bridge is not null)
        {
            await bridge.DisposeAsync();
        }

        return null;
    }

    [LoggerMessage(11, LogLevel.Information, "Started sandbox {Sandbox}, which was {State} (exit code {ExitCode})")]
    private partial void LogStarted(SandboxId sandbox, string state, long exitCode);

    [LoggerMessage(12, LogLevel.Warning, "Sandbox {Sandbox} was paused from outside and goes on")]
    private partial void LogUnpaused(SandboxId sandbox);

    [LoggerMessage(13, LogLevel.Warning, "The runner of sandbox {Sandbox} did not answer ({Times} in a row): {Message}")]
    private partial void LogSilent(SandboxId sandbox, int times, string message);

    [LoggerMessage(14, LogLevel.Warning, "Restarting sandbox {Sandbox}, whose runner does not answer; calls that ran in it are interrupted")]
    private partial void LogRestarting(SandboxId sandbox);

    [LoggerMessage(15, LogLevel.Debug, "Sandbox {Sandbox} is changing its state: {Message}")]
    private partial void LogChanging(SandboxId sandbox, string message);
}
