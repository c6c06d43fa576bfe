using System.Text.Json;
using V4Agents.Sandboxes.Calls.Protocol;

namespace V4Agents.Runner;

/// <summary>From a tool's name to its code. A refusal is a result, not a failure of the runner.</summary>
internal static class Tool
{
    public static async Task<ToolResult> RunAsync(CallRequest request, BoundedOutput output)
    {
        var timeout = TimeSpan.FromMilliseconds(Math.Clamp(request.TimeoutMilliseconds, 1, int.MaxValue));
        try
        {
            using var json = JsonDocument.Parse(request.Arguments);
            var arguments = new ToolArguments(json.RootElement);
            switch (request.Tool)
            {
                case "bash":
                    return await BashTool.RunAsync(arguments, timeout, output);
                case "search":
                    return await SearchTool.RunAsync(arguments, timeout, output);
                case "view":
                    ViewTool.Run(arguments, output);
                    return new ToolResult(0);
                case "edit":
                    EditTool.Run(arguments, output);
                    return new ToolResult(0);
                case "write":
                    WriteTool.Run(arguments, output);
                    return new ToolResult(0);
                default:
                    throw new ToolException($"There is no tool '{request.Tool}': bash, view, search, edit and write are known.");
            }
        }
        catch (JsonException)
        {
            output.Write("The arguments are not valid JSON.\n");
        }
        catch (Exception e) when (e is ToolException or IOException or UnauthorizedAccessException or System.ComponentModel.Win32Exception)
        {
            output.Write(e.Message + "\n");
        }

        return new ToolResult(1);
    }
}
