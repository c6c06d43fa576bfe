using System.Text.Json;
using V4Agents.Cli.Output;
using V4Agents.Cli.Servers;
using V4Agents.Client;
using V4Agents.Client.Contract;

namespace V4Agents.Cli.Commands;

/// <summary>Follows a task to its end, saves what it delivered, and tells how it ended.</summary>
internal static class Waiting
{
    public static async Task<int> ForAsync(
        CliHost host, Server server, string task, string? outDirectory, bool json, CancellationToken cancellationToken)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, server.Ended);
        try
        {
            var finished = await new TaskFollower(server.Client, host.Out, host.Error, host.Clock, json).FollowAsync(task, after: 0, ending.Token);
            var directory = outDirectory is null ? Path.Combine(host.Settings().Home, "outcomes", task) : host.Absolute(outDirectory);
            var files = await Outages.OutlastAsync(
                () => OutcomeFiles.SaveAsync(server.Client, task, directory, ending.Token), host.Clock, ending.Token);
            if (json)
            {
                host.Out.Line(JsonSerializer.Serialize(finished, ContractJson.Options));
            }
            else
            {
                foreach (var file in files)
                {
                    host.Out.Line($"  {Path.GetFileNameWithoutExtension(file)}: {file}");
                }

                host.Out.Line(TaskLines.Verdict(finished), finished.Outcome == "verified" ? "bold green" : "bold red");
            }

            return (int)ExitCodes.Of(finished);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            await host.Error.WriteLineAsync(server.IsInProcess
                ? $"Task {task} is kept and paused: nothing is lost. 'v4 watch {task}' or 'v4 serve' goes on with it; 'v4 cancel {task}' ends it."
                : $"Task {task} goes on. 'v4 watch {task}' follows it; 'v4 cancel {task}' ends it.");
            return (int)ExitCode.Interrupted;
        }
        catch (OperationCanceledException) when (server.Ended.IsCancellationRequested)
        {
            await host.Error.WriteLineAsync($"The service in this process stopped on its own account. Task {task} is kept: 'v4 watch {task}' or 'v4 serve' goes on with it.");
            return (int)ExitCode.Internal;
        }
        catch (ApiException e) when (e.Code == ApiException.Unreachable)
        {
            await host.Error.WriteLineAsync($"Task {task} is kept. When the service runs again: v4 watch {task}");
            throw;
        }
    }
}
