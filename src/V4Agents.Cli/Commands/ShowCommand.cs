using System.CommandLine;
using System.Text;
using System.Text.Json;
using V4Agents.Cli.Output;
using V4Agents.Cli.Servers;
using V4Agents.Client.Contract;

namespace V4Agents.Cli.Commands;

internal static class ShowCommand
{
    public static Command Build(CliHost host)
    {
        var task = Shared.Task();
        var report = new Option<bool>("--report") { Description = "The report of a finished task." };
        var receipt = new Option<bool>("--receipt") { Description = "The receipt of a finished task, as JSON." };
        var server = Shared.Server();
        var json = Shared.Json();
        var command = new Command("show", "Show one task.") { task, report, receipt, server, json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var id = parsed.GetRequiredValue(task);
            await using var connected = await Server.ConnectAsync(host, parsed.GetValue(server), work: false, cancellationToken);
            if (parsed.GetValue(report) || parsed.GetValue(receipt))
            {
                var text = parsed.GetValue(report)
                    ? await connected.Client.ReportAsync(id, cancellationToken)
                    : await connected.Client.ReceiptAsync(id, cancellationToken);
                if (!host.Out.IsInteractive)
                {
                    await host.Out.BytesAsync(text, cancellationToken);
                    return 0;
                }

                host.Out.Line(Printable.Text(Encoding.UTF8.GetString(text)));
                return 0;
            }

            var body = await connected.Client.GetAsync(id, cancellationToken);
            if (parsed.GetValue(json))
            {
                host.Out.Line(JsonSerializer.Serialize(body, ContractJson.Options));
                return 0;
            }

            foreach (var (name, value) in TaskLines.Details(body))
            {
                host.Out.Line($"{name,-11} {value}");
            }

            return 0;
        });
        return command;
    }
}
