using System.CommandLine;
using System.Text.Json;
using V4Agents.Cli.Output;
using V4Agents.Cli.Servers;
using V4Agents.Client.Contract;

namespace V4Agents.Cli.Commands;

internal static class CancelCommand
{
    private static readonly Terminal Quiet = new(TextWriter.Null, console: null);

    public static Command Build(CliHost host)
    {
        var task = Shared.Task();
        var reason = new Option<string?>("--reason") { Description = "Goes into the task's record." };
        var server = Shared.Server();
        var json = Shared.Json();
        var command = new Command("cancel", "Stop a task and its spending.") { task, reason, server, json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var id = parsed.GetRequiredValue(task);
            await using var connected = await Server.ConnectAsync(host, parsed.GetValue(server), work: true, cancellationToken);
            var before = await connected.Client.GetAsync(id, cancellationToken);
            var after = await connected.Client.CancelAsync(id, parsed.GetValue(reason), cancellationToken);
            if (connected.IsInProcess && !after.Finished)
            {
                // This service ends with the command: the container is removed and the report written before.
                after = await new TaskFollower(connected.Client, Quiet, host.Error, host.Clock, json: false).FollowAsync(id, after: 0, cancellationToken);
            }

            host.Out.Line(
                parsed.GetValue(json) ? JsonSerializer.Serialize(after, ContractJson.Options)
                : before.Finished ? $"task {id} had finished: {TaskLines.State(after)}"
                : $"task {id} is cancelled: no further call is made, what ran was aborted");
            return 0;
        });
        return command;
    }
}
