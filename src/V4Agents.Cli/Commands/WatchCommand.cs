using System.CommandLine;
using V4Agents.Cli.Servers;

namespace V4Agents.Cli.Commands;

internal static class WatchCommand
{
    public static Command Build(CliHost host)
    {
        var task = Shared.Task();
        var outDirectory = Shared.Out();
        var server = Shared.Server();
        var json = Shared.Json();
        var command = new Command("watch", "Follow a task to its end; with no service running, one in this process goes on with it.") { task, outDirectory, server, json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var connected = await Server.ConnectAsync(host, parsed.GetValue(server), work: true, cancellationToken);
            return await Waiting.ForAsync(
                host, connected, parsed.GetRequiredValue(task), parsed.GetValue(outDirectory), parsed.GetValue(json), cancellationToken);
        });
        return command;
    }
}
