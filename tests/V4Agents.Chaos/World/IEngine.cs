namespace V4Agents.Chaos.World;

/// <summary>The Docker engine that a run's sandboxes live on.</summary>
internal interface IEngine : IAsyncDisposable
{
    /// <summary>Its address, as <c>docker -H</c> takes it.</summary>
    string Host { get; }

    /// <param name="signal"><c>KILL</c> or <c>TERM</c>; returns when the daemon has ended.</param>
    Task EndAsync(string signal, CancellationToken cancellationToken);

    /// <summary>Returns when the engine answers again.</summary>
    Task StartAgainAsync(CancellationToken cancellationToken);
}
