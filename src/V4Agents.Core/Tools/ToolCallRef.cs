namespace V4Agents.Core.Tools;

/// <summary>A call that a recorded reply asks for. Its arguments stay in the reply's blob.</summary>
/// <param name="ModelId">The id the model gave it, which the tool message must repeat.</param>
/// <param name="Broken">The arguments were not a JSON object; the call is answered with that, and never run.</param>
public sealed record ToolCallRef(ToolCallId Id, string ModelId, string Name, bool Broken);
