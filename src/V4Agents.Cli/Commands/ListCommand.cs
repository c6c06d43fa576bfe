using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using V4Agents.Cli.Output;
using V4Agents.Cli.Servers;
using V4Agents.Client.Contract;

namespace V4Agents.Cli.Commands;

internal static class ListCommand
{
    public static Command Build(CliHost host)
    {
        var limit = new Option<int>("--limit") { Description = "How many.", DefaultValueFactory = _ => 20 };
        var before = new Option<string?>("--before") { Description = "Only tasks older than this id." };
        var stalled = new Option<bool>("--stalled") { Description = "Only unfinished tasks that make no progress, with the reason." };
        var server = Shared.Server();
        var json = Shared.Json();
        var command = new Command("list", "List tasks, newest first.") { limit, before, stalled, server, json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var connected = await Server.ConnectAsync(host, parsed.GetValue(server), work: false, cancellationToken);
            if (parsed.GetValue(stalled))
            {
                ShowStalled(host, await connected.Client.StalledAsync(cancellationToken), parsed.GetValue(json));
                return 0;
            }

            var page = await connected.Client.ListAsync(parsed.GetValue(limit), parsed.GetValue(before), cancellationToken);
            if (parsed.GetValue(json))
            {
                host.Out.Line(JsonSerializer.Serialize(page, ContractJson.Options));
                return 0;
            }

            foreach (var task in page.Items)
            {
                host.Out.Line(TaskLines.Row(task));
            }

            if (page.Next is { } next)
            {
                host.Out.Line($"more: v4 list --before {next}");
            }

            return 0;
        });
        return command;
    }

    private static void ShowStalled(CliHost host, IReadOnlyList<StalledBody> tasks, bool json)
    {
        if (json)
        {
            host.Out.Line(JsonSerializer.Serialize(tasks, ContractJson.Options));
            return;
        }

        foreach (var task in tasks)
        {
            host.Out.Line(string.Create(
                CultureInfo.InvariantCulture, $"{task.Id}  {TimeSpan.FromSeconds(task.Seconds):d\\.hh\\:mm\\:ss}  {Printable.Line(task.Reason, 200)}  {Printable.Line(task.Title, 70)}"));
        }

        if (tasks.Count == 0)
        {
            host.Out.Line("No task stands still.");
        }
    }
}
