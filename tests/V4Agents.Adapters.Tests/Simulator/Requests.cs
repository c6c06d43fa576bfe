using System.Text.Json.Nodes;

namespace V4Agents.Adapters.Tests.Simulator;

/// <summary>Request bodies the API accepts.</summary>
internal static class Requests
{
    public const string TwoTurns = """
        scenarios:
          - name: two turns
            solver:
              - reasoning: I should look at the files in the repository first.
                content: Looking.
                tool_calls:
                  - name: bash
                    arguments: { command: "ls -la", timeout_seconds: 5 }
                  - name: view
                    arguments: { path: README.md }
              - reasoning: Done.
                content: All is well.
            triage:
              - content: '{"kind":"bug"}'
        """;

    public static JsonObject Solver(params JsonNode[] messages) => new()
    {
        ["model"] = "deepseek-v4-pro",
        ["reasoning_effort"] = "max",
        ["tools"] = new JsonArray(Tool("bash"), Tool("view")),
        ["messages"] = new JsonArray([Message("system", "You repair software."), Message("user", "The issue: it is broken."), .. messages]),
    };

    public static JsonObject Tool(string name) => new()
    {
        ["type"] = "function",
        ["function"] = new JsonObject { ["name"] = name, ["description"] = "A tool.", ["parameters"] = new JsonObject { ["type"] = "object" } },
    };

    public static JsonObject Message(string role, string content) => new() { ["role"] = role, ["content"] = content };

    public static JsonObject Result(string id, string content) => new() { ["role"] = "tool", ["tool_call_id"] = id, ["content"] = content };

    public static JsonObject Calling(params string[] ids) => new()
    {
        ["role"] = "assistant",
        ["content"] = null,
        ["reasoning_content"] = "thinking",
        ["tool_calls"] = new JsonArray([.. ids.Select(id => (JsonNode)new JsonObject
        {
            ["id"] = id,
            ["type"] = "function",
            ["function"] = new JsonObject { ["name"] = "bash", ["arguments"] = "{}" },
        })]),
    };

    public static JsonObject With(this JsonObject body, string name, JsonNode? value)
    {
        body[name] = value;
        return body;
    }

    public static JsonObject Without(this JsonObject body, string name)
    {
        body.Remove(name);
        return body;
    }

    /// <summary>The request that follows an answer: its message as it came, and a result for each of its calls.</summary>
    public static JsonObject Continue(JsonObject body, JsonNode answer, string result = "done")
    {
        var next = (JsonObject)body.DeepClone();
        var message = answer["choices"]![0]!["message"]!;
        var messages = next["messages"]!.AsArray();
        messages.Add(message.DeepClone());
        foreach (var call in message["tool_calls"]?.AsArray() ?? [])
        {
            messages.Add(Result(call!["id"]!.GetValue<string>(), result));
        }

        return next;
    }
}
