using System.Text.Json;
using V4Agents.Sandboxes.Calls.Protocol;

namespace V4Agents.Runner;

/// <summary>From a tool's name to its code. A refusal is a result, not a failure of the runner, and so is whatever else goes wrong: a call has an end.</summary>
internal static class Tool
{
    public static async Task<ToolResult> RunAsync(CallRequest request, BoundedOutput output, CancellationToken stop)
    {
        var timeout = TimeSpan.FromMilliseconds(Math.Clamp(request.TimeoutMilliseconds, 1, int.MaxValue));
        try
        {
            using var json = JsonDocument.Parse(request.Arguments);
            var arguments = new ToolArguments(json.RootElement);
            var result = stop.IsCancellationRequested ? ToolResult.StoppedFromOutside : request.Tool switch
            {
                "bash" => await BashTool.RunAsync(arguments, timeout, output, stop),
                "search" => await SearchTool.RunAsync(arguments, timeout, output, stop),
                "view" => await InTimeAsync(limit => ViewTool.Run(arguments, output, limit), timeout, stop),
                "edit" => await InTimeAsync(limit => EditTool.Run(arguments, output, limit), timeout, stop),
                "write" => await InTimeAsync(limit => WriteTool.Run(arguments, output, limit), timeout, stop),
                _ => throw new ToolException($"There is no tool '{request.Tool}': bash, view, search, edit and write are known."),
            };
            output.Write(result switch
            {
                { Stopped: true } => "\n[stopped: the task was stopped; the call and everything it had started was killed]\n",
                { TimedOut: true } => $"\n[timed out after {timeout.TotalSeconds:0.#} s; the call and everything it had started was killed]\n",
                _ => "",
            });
            return result;
        }
        catch (JsonException)
        {
            output.Write("The arguments are not valid JSON.\n");
        }
        catch (Exception e) when (e is ToolException or IOException or UnauthorizedAccessException or System.ComponentModel.Win32Exception)
        {
            output.Write(e.Message + "\n");
        }
        catch (Exception e)
        {
            // The edge of a call: without a result its asker would wait for ever.
            output.Write($"The tool '{request.Tool}' cannot do this ({e.GetType().Name}: {e.Message}).\n");
        }

        return new ToolResult(1);
    }

    /// <summary>A tool that works in this process. Past its limit it is left behind and must not change anything any more.</summary>
    private static async Task<ToolResult> InTimeAsync(Action<CancellationToken> work, TimeSpan timeout, CancellationToken stop)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
        limit.CancelAfter(timeout);
        try
        {
            await Task.Run(() => work(limit.Token), CancellationToken.None).WaitAsync(limit.Token);
            return new ToolResult(0);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested)
        {
            return stop.IsCancellationRequested ? ToolResult.StoppedFromOutside : ToolResult.OutOfTime;
        }
    }
}
