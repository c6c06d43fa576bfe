using System.CommandLine;
using System.Text.Json;
using V4Agents.Cli.Output;
using V4Agents.Cli.Servers;
using V4Agents.Client;
using V4Agents.Client.Contract;

namespace V4Agents.Cli.Commands;

/// <summary>Commands that commit one fact about a task and say what follows: <c>pause</c>, <c>resume</c>, <c>say</c> and <c>approve</c>.</summary>
internal static class ControlCommand
{
    public static Command BuildPause(CliHost host)
    {
        var reason = new Option<string?>("--reason") { Description = "Goes into the task's record." };
        return Build(
            host, "pause", "Bring what runs to its end and begin nothing new.", [reason],
            (client, task, parsed, token) => client.PauseAsync(task, parsed.GetValue(reason), token),
            task => $"task {task.Id} is paused: what runs comes to its end; v4 resume {task.Id} goes on");
    }

    public static Command BuildResume(CliHost host) => Build(
        host, "resume", "Go on with a paused task.", [], (client, task, _, token) => client.ResumeAsync(task, token), task => $"task {task.Id} goes on");

    public static Command BuildSay(CliHost host)
    {
        var text = new Argument<string>("text") { Description = "What the model is told, or - for standard input." };
        return Build(
            host, "say", "Tell the model something at the next boundary between its replies.", [text],
            async (client, task, parsed, token) =>
            {
                var said = parsed.GetRequiredValue(text);
                return await client.SayAsync(task, said == "-" ? await host.In.ReadToEndAsync(token) : said, token);
            },
            task => $"task {task.Id}: the model is told with its next call");
    }

    public static Command BuildApprove(CliHost host)
    {
        var no = new Option<bool>("--no") { Description = "Decline. With a comment the task goes on with it; without one it ends." };
        var comment = new Option<string?>("--comment") { Description = "What to change, or why." };
        var number = new Option<int?>("--number") { Description = "Answer only the question with this number, as the task's events count them." };
        return Build(
            host, "approve", "Answer the question that a task waits with.", [no, comment, number],
            (client, task, parsed, token) => client.ApproveAsync(task, !parsed.GetValue(no), parsed.GetValue(comment), parsed.GetValue(number), token),
            task => $"task {task.Id}: answered; now {task.Activity}");
    }

    private static Command Build(
        CliHost host, string name, string description, IEnumerable<Symbol> own, Func<TasksClient, string, ParseResult, CancellationToken, Task<TaskBody>> act,
        Func<TaskBody, string> describe)
    {
        var task = Shared.Task();
        var server = Shared.Server();
        var json = Shared.Json();
        var command = new Command(name, description) { task, server, json };
        foreach (var symbol in own)
        {
            if (symbol is Argument argument)
            {
                command.Arguments.Add(argument);
            }
            else
            {
                command.Options.Add((Option)symbol);
            }
        }

        command.SetAction(async (parsed, cancellationToken) =>
        {
            // The fact alone is committed: a service started for this command begins no work.
            await using var connected = await Server.ConnectAsync(host, parsed.GetValue(server), work: false, cancellationToken);
            var after = await act(connected.Client, parsed.GetRequiredValue(task), parsed, cancellationToken);
            host.Out.Line(parsed.GetValue(json) ? JsonSerializer.Serialize(after, ContractJson.Options) : Printable.Line(describe(after), 300));
            return 0;
        });
        return command;
    }
}
