namespace V4Agents.Chaos.World;

/// <summary>The machine's engine, which other people use too: its containers may be killed, the daemon may not.</summary>
internal sealed class HostEngine : IEngine
{
    public string Host { get; } = Environment.GetEnvironmentVariable("DOCKER_HOST") is { Length: > 0 } host ? host : "unix:///var/run/docker.sock";

    public Task EndAsync(string signal, CancellationToken cancellationToken) => throw new InvalidOperationException("The machine's engine is not ours to end.");

    public Task StartAgainAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
