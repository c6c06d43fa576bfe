using System.Runtime.InteropServices;

namespace V4Agents.Cli;

/// <summary>The first Ctrl-C or SIGTERM asks the command to end well; the second Ctrl-C ends the process at once.</summary>
internal sealed class Interrupts : IDisposable
{
    private readonly CancellationTokenSource _source = new();
    private readonly PosixSignalRegistration[] _registrations;

    public Interrupts(TextWriter error)
    {
        _registrations =
        [
            PosixSignalRegistration.Create(PosixSignal.SIGINT, signal =>
            {
                if (!_source.IsCancellationRequested)
                {
                    signal.Cancel = true;
                    error.WriteLine("Stopping; press Ctrl-C again to end at once.");
                    _source.Cancel();
                }
            }),
            PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal =>
            {
                signal.Cancel = true;
                _source.Cancel();
            }),
        ];
    }

    public CancellationToken Token => _source.Token;

    public void Dispose()
    {
        foreach (var registration in _registrations)
        {
            registration.Dispose();
        }

        _source.Dispose();
    }
}
