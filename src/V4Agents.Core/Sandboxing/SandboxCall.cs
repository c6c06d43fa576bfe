namespace V4Agents.Core.Sandboxing;

/// <summary>A tool call for the runner inside the sandbox. The same <see cref="Id"/> never runs twice, whatever its other fields say.</summary>
/// <param name="Id">Letters, digits, <c>-</c> and <c>_</c>; at most 100 characters.</param>
/// <param name="Tool"><c>bash</c>, <c>view</c>, <c>search</c>, <c>edit</c> or <c>write</c>.</param>
/// <param name="ArgumentsJson">A JSON object, as the tool's schema in <c>ToolCatalog</c> says.</param>
/// <param name="Timeout">After this the call's process group is killed.</param>
public sealed record SandboxCall(string Id, string Tool, string ArgumentsJson, TimeSpan Timeout);
