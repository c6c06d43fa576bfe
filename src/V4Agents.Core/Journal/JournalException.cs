namespace V4Agents.Core.Journal;

public sealed class JournalException(JournalFault fault, string message, Exception? inner = null) : Exception(message, inner)
{
    public JournalFault Fault { get; } = fault;

    public bool IsTransient => Fault is JournalFault.Unavailable or JournalFault.OutcomeUnknown;
}
