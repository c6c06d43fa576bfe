using System.Runtime.InteropServices;
using V4Agents.Chaos;
using V4Agents.Chaos.Points;
using V4Agents.Chaos.Soak;
using V4Agents.Postgres;

if (ChaosArguments.Read(args, out var problem) is not { } arguments)
{
    await Console.Error.WriteLineAsync($"chaos: {problem}\n{ChaosArguments.Usage}");
    return 2;
}

using var stop = new CancellationTokenSource();
using var onInt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using var onTerm = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
try
{
    var held = arguments.Points is { } points
        ? await new PointsRun(points, Console.Out).RunAsync(stop.Token)
        : await new SoakRun(arguments.Soak, Console.Out).RunAsync(stop.Token);
    return held ? 0 : 1;
}
catch (OperationCanceledException) when (stop.IsCancellationRequested)
{
    await Console.Error.WriteLineAsync("chaos: stopped; everything it had started has ended.");
    return 130;
}
catch (OperationCanceledException)
{
    await Console.Error.WriteLineAsync("chaos: not finished within the limit of --limit.");
    return 1;
}
catch (Exception e) when (e is InvalidOperationException or TimeoutException or IOException or DatabaseUnavailableException)
{
    await Console.Error.WriteLineAsync($"chaos: {e}");
    return 3;
}

void Stop(PosixSignalContext signal)
{
    signal.Cancel = true;
    stop.Cancel();
}
