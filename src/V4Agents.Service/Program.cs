using System.Collections;
using System.Runtime.InteropServices;
using V4Agents.Service.Hosting;

using var stop = new CancellationTokenSource();
void OnSignal(PosixSignalContext signal)
{
    signal.Cancel = true;
    stop.Cancel();
}

using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal);
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal);
try
{
    var environment = Environment.GetEnvironmentVariables().Cast<DictionaryEntry>().ToDictionary(e => (string)e.Key, e => (string)e.Value!);
    var settings = ServiceSettings.FromEnvironment(environment, Environment.IsPrivilegedProcess);
    await using var service = await V4Service.StartAsync(
        environment.ContainsKey("V4_LISTEN") ? settings : settings with { Listen = "http://127.0.0.1:8484" }, stop.Token);
    Console.WriteLine($"listening on {service.Url}");
    await Task.Delay(Timeout.Infinite, stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    return 0;
}
catch (ServiceStartException e)
{
    Console.Error.WriteLine(e.Message);
    return 1;
}
