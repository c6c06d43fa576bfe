using System.Net;
using Docker.DotNet;
using V4Agents.Core.Sandboxing;

namespace V4Agents.Sandboxes.Docker;

/// <summary>The engine behind a deadline: whatever is asked of it ends, and what it fails with is one kind of exception.</summary>
internal sealed class EngineCalls(SandboxOptions options, TimeProvider time) : IDisposable
{
    /// <summary>For what only looks.</summary>
    public static readonly TimeSpan Short = TimeSpan.FromSeconds(20);

    /// <summary>For what writes disks and starts or kills processes; below the client's own limit of 100 seconds.</summary>
    public static readonly TimeSpan Long = TimeSpan.FromSeconds(90);

    private readonly DockerClient _engine = new DockerClientBuilder().WithEndpoint(new Uri(options.DockerHost)).Build();

    /// <exception cref="SandboxException">The engine refuses, does not answer in time or cannot be reached.</exception>
    /// <exception cref="DockerApiException">What was named does not exist (404) or is in no state for it (409): only the caller knows what that means.</exception>
    public async Task<T> AskAsync<T>(Func<DockerClient, CancellationToken, Task<T>> ask, TimeSpan within, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(within, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            return await ask(_engine, either.Token);
        }
        catch (DockerApiException e) when (EngineFailures.IsNotFound(e) || e.StatusCode == HttpStatusCode.Conflict)
        {
            throw;
        }
        catch (Exception e) when (EngineFailures.Is(e, cancellationToken))
        {
            throw EngineFailures.Describe(e, options);
        }
    }

    /// <inheritdoc cref="AskAsync{T}"/>
    public Task TellAsync(Func<DockerClient, CancellationToken, Task> tell, TimeSpan within, CancellationToken cancellationToken) => AskAsync(
        async (engine, token) =>
        {
            await tell(engine, token);
            return true;
        },
        within,
        cancellationToken);

    public void Dispose() => _engine.Dispose();
}
