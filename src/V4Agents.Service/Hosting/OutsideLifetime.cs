namespace V4Agents.Service.Hosting;

/// <summary>Signals belong to the program that started the service, which may have something to say before it stops.</summary>
internal sealed class OutsideLifetime : IHostLifetime
{
    public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
