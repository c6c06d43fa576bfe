using V4Agents.Chaos.World;

namespace V4Agents.Chaos.Soak;

/// <summary>A service that is started again whenever its process ends, a moment later, as a supervisor would.</summary>
internal sealed class Silo(ServiceProcess service, Random random)
{
    private static readonly TimeSpan Frozen = TimeSpan.FromSeconds(15);

    private int _kills;
    private volatile bool _isFrozen;
    private volatile bool _isUp;

    public string Name => service.Name;

    public ServiceProcess Service => service;

    /// <summary>Answers, and is not about to be killed.</summary>
    public bool IsUp => _isUp && !_isFrozen;

    /// <summary>How often the process ended without being killed: it was given up by the others, or could not start.</summary>
    public int OwnEnds { get; private set; }

    /// <summary>Until cancelled.</summary>
    public async Task KeepAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                if (await service.StartAsync(faultPoint: null, cancellationToken))
                {
                    _isUp = true;
                    await service.Process.WaitForExitAsync(cancellationToken);
                }
            }
            catch (TimeoutException)
            {
                // As a supervisor does with a start that hangs.
                await service.KillAsync();
            }

            _isUp = false;
            if (Interlocked.Exchange(ref _kills, 0) == 0)
            {
                OwnEnds++;
            }

            TimeSpan pause;
            lock (random)
            {
                pause = TimeSpan.FromSeconds(1 + (2 * random.NextDouble()));
            }

            await Task.Delay(pause, cancellationToken);
        }
    }

    public async Task KillAsync()
    {
        Interlocked.Increment(ref _kills);
        _isUp = false;
        await Signals.SendAsync("KILL", service.Process.Id);
    }

    /// <summary>SIGSTOP, and SIGCONT a while later: the others have given it up by then, and it must not get a word in.</summary>
    public async Task FreezeAsync(CancellationToken cancellationToken)
    {
        _isFrozen = true;
        var process = service.Process;
        await Signals.SendAsync("STOP", process.Id);
        _ = ThawAsync();

        async Task ThawAsync()
        {
            await Task.Delay(Frozen, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await Programs.RunAsync("kill", ["-CONT", $"{process.Id}"]);
            _isFrozen = false;
        }
    }
}
