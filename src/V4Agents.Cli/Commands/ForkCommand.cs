using System.CommandLine;
using System.Text.Json;
using V4Agents.Cli.Servers;
using V4Agents.Client.Contract;

namespace V4Agents.Cli.Commands;

internal static class ForkCommand
{
    public static Command Build(CliHost host)
    {
        var task = Shared.Task();
        var step = new Option<int?>("--step") { Description = "Go on after this step; 0 is before the first reply. Default: the last finished step." };
        var say = new Option<string?>("--say") { Description = "What the fork's model is told that its source's was not." };
        var steps = Shared.Steps();
        var usd = Shared.Usd();
        var wall = Shared.Wall();
        var key = Shared.Key();
        var wait = new Option<bool>("--wait") { Description = "Follow the fork and save what it delivers." };
        var outDirectory = Shared.Out();
        var server = Shared.Server();
        var json = Shared.Json();
        var command = new Command("fork", "Begin a new task from a step of another, with its conversation and its files.")
        {
            task, step, say, steps, usd, wall, key, wait, outDirectory, server, json,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            Shared.CheckKey(parsed.GetValue(key));
            var request = new ForkBody(
                parsed.GetValue(step), parsed.GetValue(say),
                new BudgetBody(parsed.GetValue(steps), parsed.GetValue(usd), SubmitCommand.Minutes(parsed.GetValue(wall))));
            await using var connected = await Server.ConnectAsync(host, parsed.GetValue(server), work: parsed.GetValue(wait), cancellationToken);
            var (fork, created) = await connected.Client.ForkAsync(parsed.GetRequiredValue(task), request, parsed.GetValue(key), cancellationToken);
            if (parsed.GetValue(json) && !parsed.GetValue(wait))
            {
                host.Out.Line(JsonSerializer.Serialize(fork, ContractJson.Options));
                return 0;
            }

            if (!parsed.GetValue(json))
            {
                host.Out.Line(created ? $"task {fork.Id}" : $"task {fork.Id} (forked before)");
            }

            if (parsed.GetValue(wait))
            {
                return await Waiting.ForAsync(host, connected, fork.Id, parsed.GetValue(outDirectory), parsed.GetValue(json), cancellationToken);
            }

            host.Out.Line(connected.IsInProcess
                ? $"No service runs: the task starts when one does (v4 serve), or with v4 watch {fork.Id}"
                : $"Follow it with: v4 watch {fork.Id}");
            return 0;
        });
        return command;
    }
}
