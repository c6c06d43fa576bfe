using System.Text.Json;
using System.Text.RegularExpressions;

namespace V4Agents.Simulator.Protocol;

/// <summary>The tool list and the choice among it.</summary>
internal static partial class ToolRules
{
    private const int MaxTools = 128;

    private static readonly HashSet<string> KnownInTool = ["type", "function"];
    private static readonly HashSet<string> KnownInFunction = ["name", "description", "parameters"];

    public static IEnumerable<ApiError> Check(JsonElement body, bool thinking)
    {
        if (body.Member("tools") is { ValueKind: not JsonValueKind.Array })
        {
            return [ApiError.Invalid("tools: expected an array")];
        }

        var tools = body.Items("tools").ToList();
        return tools.Count > MaxTools
            ? [ApiError.Invalid($"Invalid 'tools': array too long. Expected at most {MaxTools} tools, got {tools.Count}")]
            : tools.SelectMany(CheckTool).Concat(CheckChoice(body, thinking));
    }

    private static IEnumerable<ApiError> CheckTool(JsonElement tool, int index)
    {
        var at = $"tools[{index}]";
        if (tool.Text("type") != "function" || tool.Member("function") is not { ValueKind: JsonValueKind.Object } function)
        {
            return [ApiError.Invalid($"{at}: only tools of type `function` are supported")];
        }

        return tool.CheckMembers($"{at}.", KnownInTool).Concat(function.CheckMembers($"{at}.function.", KnownInFunction)).Concat(CheckFunction(function, at));
    }

    private static IEnumerable<ApiError> CheckFunction(JsonElement function, string at)
    {
        if (function.Text("name") is not { } name || !ToolName().IsMatch(name))
        {
            yield return ApiError.Invalid($"Invalid '{at}.function.name': string does not match pattern. Expected a string that matches the pattern '^[a-zA-Z0-9_-]{{1,64}}$'.");
        }

        if (function.Member("parameters") is { ValueKind: not JsonValueKind.Object })
        {
            yield return ApiError.Invalid($"{at}.function.parameters: expected a JSON schema object");
        }
    }

    private static IEnumerable<ApiError> CheckChoice(JsonElement body, bool thinking)
    {
        if (body.Member("tool_choice") is not { } choice)
        {
            yield break;
        }

        var word = choice.ValueKind == JsonValueKind.String ? choice.GetString() : null;
        if (word is "none" or "auto")
        {
            yield break;
        }

        if (thinking)
        {
            yield return ApiError.ToolChoiceInThinking;
        }

        var named = choice.Member("function")?.Text("name");
        if (word != "required" && named is null)
        {
            yield return ApiError.Invalid("tool_choice: expected `none`, `auto`, `required` or a function");
        }

        if (named is not null && !body.Items("tools").Any(tool => tool.Member("function")?.Text("name") == named))
        {
            yield return ApiError.Invalid($"tool_choice: no tool is named `{named}`");
        }
    }

    [GeneratedRegex(@"\A[A-Za-z0-9_-]{1,64}\z")]
    private static partial Regex ToolName();
}
