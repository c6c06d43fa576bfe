using System.CommandLine;
using V4Agents.Cli.Output;
using V4Agents.Cli.Servers;

namespace V4Agents.Cli.Commands;

internal static class DiffCommand
{
    public static Command Build(CliHost host)
    {
        var task = Shared.Task();
        var server = Shared.Server();
        var command = new Command("diff", "Print a finished task's patch.") { task, server };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var connected = await Server.ConnectAsync(host, parsed.GetValue(server), work: false, cancellationToken);
            await DiffText.WriteAsync(host.Out, await connected.Client.PatchAsync(parsed.GetRequiredValue(task), cancellationToken), cancellationToken);
            return 0;
        });
        return command;
    }
}
