using System.Globalization;
using System.Text.Json;
using V4Agents.Client;
using V4Agents.Client.Contract;

namespace V4Agents.Cli.Output;

/// <summary>Shows a task's events until it has finished.</summary>
internal sealed class TaskFollower(TasksClient client, Terminal terminal, TimeProvider clock, bool json)
{
    private readonly EventLines _lines = new();

    public async Task<TaskBody> FollowAsync(string task, long after, CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var update in client.EventsAsync(task, after, cancellationToken))
            {
                Show(update);
            }
        }
        finally
        {
            terminal.ClearStatus();
        }

        return await client.GetAsync(task, cancellationToken);
    }

    private void Show(TaskUpdate update)
    {
        switch (update)
        {
            case TaskUpdate.Recorded { Event: var e } when json:
                terminal.Line(JsonSerializer.Serialize(e, ContractJson.Options));
                break;
            case TaskUpdate.Recorded { Event: var e } when _lines.Of(e) is { } line:
                terminal.Line($"{e.At.ToLocalTime().ToString("HH:mm:ss", CultureInfo.InvariantCulture)} {line.Icon} {line.Text}", line.Style);
                break;
            case TaskUpdate.Progress { Live: var live } when !json:
                var seconds = Math.Max(0, (clock.GetUtcNow() - live.Since).TotalSeconds);
                var chars = live.ReasoningChars + live.ContentChars;
                terminal.Status(string.Create(CultureInfo.InvariantCulture,
                    $"         … {Printable.Line(live.Activity, 80)}{(chars > 0 ? $", {chars:N0} characters" : "")}{Output(live)}, {seconds:0} s"));
                break;
        }
    }

    /// <summary>The last line that a running command has printed.</summary>
    private static string Output(LiveBody live) => live.OutputTail?.TrimEnd().Split('\n')[^1] is { Length: > 0 } line
        ? string.Create(CultureInfo.InvariantCulture, $", {live.OutputBytes:N0} bytes: {Printable.Line(line, 60)}")
        : "";
}
