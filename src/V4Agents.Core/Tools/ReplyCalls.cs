using V4Agents.Core.Conversations;

namespace V4Agents.Core.Tools;

/// <summary>From a reply to the calls it asks for, and to the message that is safe to replay.</summary>
public static class ReplyCalls
{
    /// <summary>
    /// Arguments that are not a JSON object are recorded as <c>{}</c>, because a server answers 400 to a history that holds broken ones;
    /// such a call is never run. Everything else of the message is kept verbatim.
    /// </summary>
    public static (ChatMessage.Assistant Message, IReadOnlyList<ToolCallRef> Calls) Read(ChatMessage.Assistant reply, int step)
    {
        var calls = new List<ToolCallRef>();
        var kept = new List<ToolCall>();
        foreach (var call in reply.ToolCalls)
        {
            var arguments = string.IsNullOrWhiteSpace(call.Arguments) ? "{}" : call.Arguments;
            var broken = !ToolArguments.IsObject(arguments);
            // An id that is missing or used twice would make the tool messages ambiguous.
            var id = call.Id.Length == 0 || kept.Any(other => other.Id == call.Id) ? $"call_{step}_{kept.Count}" : call.Id;
            calls.Add(new ToolCallRef(new ToolCallId(step, kept.Count), id, call.Name, broken || !ToolCatalog.Has(call.Name)));
            kept.Add(call with { Id = id, Arguments = broken ? "{}" : arguments });
        }

        return (reply with { ToolCalls = kept }, calls);
    }

    public static string Refusal(ToolCallRef call) => ToolCatalog.Has(call.Name)
        ? $"The arguments of this call to {call.Name} were not a JSON object, so nothing was run. Send the call again with valid JSON."
        : $"There is no tool named {call.Name}; nothing was run. The tools are: {string.Join(", ", ToolCatalog.All.Select(tool => tool.Name))}.";
}
