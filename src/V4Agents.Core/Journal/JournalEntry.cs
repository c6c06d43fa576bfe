using V4Agents.Core.Tasks;

namespace V4Agents.Core.Journal;

/// <summary>A committed event and its place; the first is 1.</summary>
public sealed record JournalEntry(long Seq, TaskEvent Event);
