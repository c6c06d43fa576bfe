using System.CommandLine;
using V4Agents.Service.Hosting;

namespace V4Agents.Cli.Commands;

internal static class ServeCommand
{
    public static Command Build(CliHost host)
    {
        var listen = new Option<string?>("--listen") { Description = "Loopback address and port. Default: V4_LISTEN, else http://127.0.0.1:8484." };
        var command = new Command("serve", "Run the service until it is told to stop; unfinished tasks go on.") { listen };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var address = parsed.GetValue(listen) ?? host.Environment.GetValueOrDefault("V4_LISTEN") ?? "http://127.0.0.1:8484";
            await using var service = await V4Service.StartAsync(host.Settings() with { Listen = address, Verbose = true }, cancellationToken);
            host.Out.Line($"listening on {service.Url}, data in {host.Settings().Home}");
            using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, service.Stopping);
            await Task.Delay(Timeout.Infinite, ended.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (cancellationToken.IsCancellationRequested)
            {
                return 0;
            }

            await host.Error.WriteLineAsync("v4: The service stopped on its own account; its log says why. Its tasks are kept: start it again.");
            return (int)ExitCode.Internal;
        });
        return command;
    }
}
