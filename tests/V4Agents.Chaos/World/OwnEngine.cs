using V4Agents.TestKit.Docker;

namespace V4Agents.Chaos.World;

/// <summary>A daemon that nobody else uses, with the sandbox image of the machine's engine.</summary>
internal sealed class OwnEngine : IEngine
{
    private readonly PrivateEngine _engine;

    private OwnEngine(PrivateEngine engine) => _engine = engine;

    public string Host => _engine.Address;

    public static async Task<OwnEngine> StartAsync(CancellationToken cancellationToken) => new(await PrivateEngine.StartAsync(
        Environment.GetEnvironmentVariable("Sandbox__Image") ?? throw new InvalidOperationException("Sandbox__Image is not set: start this by ./v4 chaos."),
        cancellationToken));

    public Task EndAsync(string signal, CancellationToken cancellationToken) =>
        signal == "KILL" ? _engine.KillAsync(cancellationToken) : _engine.StopAsync(cancellationToken);

    public Task StartAgainAsync(CancellationToken cancellationToken) => _engine.StartAsync(cancellationToken);

    public ValueTask DisposeAsync() => _engine.DisposeAsync();
}
