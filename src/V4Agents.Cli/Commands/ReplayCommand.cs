using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using V4Agents.Cli.Output;
using V4Agents.Cli.Servers;
using V4Agents.Client.Contract;

namespace V4Agents.Cli.Commands;

internal static class ReplayCommand
{
    public static Command Build(CliHost host)
    {
        var task = Shared.Task();
        var outDirectory = new Option<string?>("--out") { Description = "Write every request body into this directory, as SEQ.json." };
        var server = Shared.Server();
        var json = Shared.Json();
        var command = new Command("replay", "Make every model request of a task again from its journal, and compare it with what was sent.")
        {
            task, outDirectory, server, json,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var id = parsed.GetRequiredValue(task);
            await using var connected = await Server.ConnectAsync(host, parsed.GetValue(server), work: false, cancellationToken);
            var calls = await connected.Client.ReplayAsync(id, cancellationToken);
            if (parsed.GetValue(outDirectory) is { } given)
            {
                var directory = Directory.CreateDirectory(host.Absolute(given)).FullName;
                foreach (var call in calls)
                {
                    await File.WriteAllBytesAsync(
                        Path.Combine(directory, $"{call.Seq}.json"), await connected.Client.ReplayedBodyAsync(id, call.Seq, cancellationToken), cancellationToken);
                }
            }

            if (parsed.GetValue(json))
            {
                host.Out.Line(JsonSerializer.Serialize(calls, ContractJson.Options));
            }
            else
            {
                foreach (var call in calls)
                {
                    host.Out.Line(string.Create(CultureInfo.InvariantCulture,
                        $"{call.Seq,5}  {call.Role,-8} step {call.Step}.{call.Attempt,-3} {Printable.Line(call.Model, 30),-20} {call.Messages,4} messages {call.Bytes,11:N0} bytes  {call.Sha256[..12]}  {Verdict(call)}"),
                        call.Equal ? null : "red");
                }

                host.Out.Line($"{calls.Count(call => call.Equal)} of {calls.Count} requests are byte for byte what was sent");
            }

            return calls.All(call => call.Equal || call.RecordedSha256 is null) ? 0 : (int)ExitCode.Unexpected;
        });
        return command;
    }

    private static string Verdict(ReplayedCallBody call) => call.Equal ? "equal" : call.RecordedSha256 is null ? "not recorded" : "DIFFERENT";
}
