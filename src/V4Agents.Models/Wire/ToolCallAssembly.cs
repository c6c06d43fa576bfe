using System.Text;
using V4Agents.Core.Conversations;

namespace V4Agents.Models.Wire;

/// <summary>Puts tool calls together from their fragments, in the order in which they first appear.</summary>
internal sealed class ToolCallAssembly
{
    /// <summary>A reply with more calls is a model running in circles: the rest is dropped.</summary>
    public const int MaxCalls = 32;

    private readonly List<Part> _parts = [];

    public bool Any => _parts.Count > 0;

    public void Add(ChatChunk.Call fragment)
    {
        var part = PartOf(fragment);
        part.Id = part.Id.Length > 0 ? part.Id : fragment.Id ?? "";
        part.Name = part.Name.Length > 0 ? part.Name : fragment.Function?.Name ?? "";
        part.Arguments.Append(fragment.Function?.Arguments);
    }

    /// <summary>A server that names no id gets one here: the result has to be able to refer to its call.</summary>
    public IReadOnlyList<ToolCall> Calls() =>
    [
        .. _parts.Take(MaxCalls).Select((part, i) => new ToolCall(
            part.Id.Length > 0 ? part.Id : FormattableString.Invariant($"call_{i:00}"), part.Name, part.Arguments.ToString())),
    ];

    private Part PartOf(ChatChunk.Call fragment)
    {
        var part = fragment.Index is { } index ? AtIndex(index, fragment.Id) : Continued(fragment);
        if (part is null)
        {
            part = new Part(fragment.Index ?? _parts.Count);
            _parts.Add(part);
        }

        return part;
    }

    // Some servers give every call the same index. Then a new id starts a new call, and what has none goes on with the last one there.
    private Part? AtIndex(int index, string? id) =>
        _parts.FindLast(p => p.Index == index && (string.IsNullOrEmpty(id) || p.Id.Length == 0 || p.Id == id));

    // Some servers leave the index out. Then a new id starts a new call and anything else goes on with the last one.
    private Part? Continued(ChatChunk.Call fragment) =>
        string.IsNullOrEmpty(fragment.Id) ? _parts.LastOrDefault() : _parts.Find(p => p.Id == fragment.Id);

    private sealed class Part(int index)
    {
        public int Index { get; } = index;

        public string Id { get; set; } = "";

        public string Name { get; set; } = "";

        public StringBuilder Arguments { get; } = new();
    }
}
