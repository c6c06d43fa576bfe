using System.Text.Json.Nodes;

namespace V4Agents.Chaos.World;

/// <summary>One answer of the scripted model: a thought, so that the answer takes a while, and a tool call.</summary>
internal sealed record ScriptTurn(string Tool, JsonObject Arguments)
{
    /// <summary>Between pieces of the answer. A thought of the usual length has about twenty of them.</summary>
    public int ChunkMilliseconds { get; init; } = 10;

    public static ScriptTurn Bash(string command) => new("bash", new JsonObject { ["command"] = command });

    public static ScriptTurn Edit(string path, string old, string replacement) =>
        new("edit", new JsonObject { ["path"] = path, ["old_string"] = old, ["new_string"] = replacement });

    public static ScriptTurn Write(string path, string content) => new("write", new JsonObject { ["path"] = path, ["content"] = content });

    public static ScriptTurn View(string path) => new("view", new JsonObject { ["path"] = path });

    public static ScriptTurn Search(string pattern) => new("search", new JsonObject { ["pattern"] = pattern });

    public static ScriptTurn Submit() => new("submit", new JsonObject { ["summary"] = "Every step is done once." });

    public JsonObject ToJson() => new()
    {
        ["reasoning"] = string.Concat(Enumerable.Repeat("One step after the other. ", 20)),
        ["chunk_delay"] = $"{ChunkMilliseconds}ms",
        ["tool_calls"] = new JsonArray(new JsonObject { ["name"] = Tool, ["arguments"] = Arguments.DeepClone() }),
    };
}
