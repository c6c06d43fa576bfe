using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using V4Agents.Cli.Output;
using V4Agents.Cli.Servers;
using V4Agents.Client;
using V4Agents.Client.Contract;

namespace V4Agents.Cli.Commands;

internal static class CancelCommand
{
    /// <summary>A stop takes a second or two; what takes longer than this is told as under way.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <summary>How long another service on the same database is given to hear of the cancellation.</summary>
    private static readonly TimeSpan OthersPatience = TimeSpan.FromSeconds(6);

    private static readonly Terminal Quiet = new(TextWriter.Null, console: null);

    public static Command Build(CliHost host)
    {
        var task = Shared.Task();
        var reason = new Option<string?>("--reason") { Description = "Goes into the task's record." };
        var server = Shared.Server();
        var json = Shared.Json();
        var command = new Command("cancel", "Stop a task and its spending, and show the receipt of the stop.") { task, reason, server, json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var id = parsed.GetRequiredValue(task);
            var address = parsed.GetValue(server);
            var (before, after, receipt) = await CommitAsync(host, address, id, parsed.GetValue(reason), cancellationToken);
            if (receipt is null && !before.Finished && address is null && host.Settings().Database is null)
            {
                receipt = await FinishAsync(host, id, cancellationToken);
            }

            host.Out.Line(
                parsed.GetValue(json) ? JsonSerializer.Serialize(after, ContractJson.Options)
                : before.Finished ? $"task {id} had finished: {TaskLines.State(after)}"
                : $"task {id} is cancelled: {receipt ?? "no further call is made; what ran is being stopped"}");
            return 0;
        });
        return command;
    }

    /// <summary>
    /// The fact comes first: a service started for this command must not go on with the task before it is cancelled. Whoever works on the task hears of it
    /// through the database, whichever service the command talks to.
    /// </summary>
    private static async Task<(TaskBody Before, TaskBody After, string? Receipt)> CommitAsync(
        CliHost host, string? address, string id, string? reason, CancellationToken cancellationToken)
    {
        await using var connected = await Server.ConnectAsync(host, address, work: false, cancellationToken);
        var before = await connected.Client.GetAsync(id, cancellationToken);
        var after = await connected.Client.CancelAsync(id, reason, cancellationToken);
        var worked = !connected.IsInProcess ? Patience : host.Settings().Database is null ? TimeSpan.Zero : OthersPatience;
        return (before, after, before.Finished || worked == TimeSpan.Zero ? null : await ReceiptAsync(connected.Client, id, worked, cancellationToken));
    }

    /// <summary>Where no service runs, one that works on this task alone stops what it left running and writes the report.</summary>
    private static async Task<string?> FinishAsync(CliHost host, string id, CancellationToken cancellationToken)
    {
        await using var connected = await Server.ConnectAsync(host, address: null, work: true, cancellationToken, only: id);
        if (connected.IsInProcess)
        {
            await new TaskFollower(connected.Client, Quiet, host.Error, host.Clock, json: false).FollowAsync(id, after: 0, cancellationToken);
        }

        return await ReceiptAsync(connected.Client, id, Patience, cancellationToken);
    }

    /// <summary>Null when the stop is not recorded within the time.</summary>
    private static async Task<string?> ReceiptAsync(TasksClient client, string id, TimeSpan time, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(time);
        try
        {
            await foreach (var update in client.EventsAsync(id, after: 0, limit.Token))
            {
                if (update is TaskUpdate.Recorded { Event: { Kind: "task.halted", Data: var data } })
                {
                    return string.Create(CultureInfo.InvariantCulture,
                        $"{data.GetProperty("effect").GetString()} ended, {data.GetProperty("processes").GetInt32()} processes killed; nothing runs and nothing is spent since {data.GetProperty("seconds").GetDouble():0.0##} s after the request");
                }
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // It goes on without a watcher.
        }

        return null;
    }
}
