using System.Diagnostics;
using System.Runtime.InteropServices;
using V4Agents.Simulator;
using V4Agents.Simulator.Scenarios;

if (SimulatorArguments.Read(args, out var problem) is not { } arguments)
{
    await Console.Error.WriteLineAsync($"simulator: {problem}\n{SimulatorArguments.Usage}");
    return 2;
}

var end = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
using var onTerm = PosixSignalRegistration.Create(PosixSignal.SIGTERM, End);
using var onInt = PosixSignalRegistration.Create(PosixSignal.SIGINT, End);

try
{
    await using var simulator = await SimulatorHost.StartAsync(arguments.Options, CancellationToken.None);
    await Console.Out.WriteLineAsync($"simulator listening on {simulator.Url}");
    await Task.WhenAny(end.Task, ParentGoneAsync(arguments.Parent));
    return 0;
}
catch (Exception e) when (e is ScenarioException or IOException or UnauthorizedAccessException)
{
    await Console.Error.WriteLineAsync($"simulator: {e.Message}");
    return 1;
}

void End(PosixSignalContext signal)
{
    signal.Cancel = true;
    end.TrySetResult();
}

static async Task ParentGoneAsync(int? parent)
{
    if (parent is not { } id)
    {
        await Task.Delay(Timeout.InfiniteTimeSpan);
        return;
    }

    try
    {
        using var process = Process.GetProcessById(id);
        await process.WaitForExitAsync();
    }
    catch (ArgumentException)
    {
        // It was gone before we looked.
    }
}
