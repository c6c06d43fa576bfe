namespace V4Agents.Core.Journal;

public enum JournalFault
{
    /// <summary>The sequence number is taken: another activation owns the task.</summary>
    Conflict,

    /// <summary>The connection broke during commit: the events may or may not be stored.</summary>
    OutcomeUnknown,

    /// <summary>The database cannot be reached; nothing was written.</summary>
    Unavailable,

    /// <summary>A stored event has a kind or version this program does not know, or does not parse.</summary>
    Unreadable,
}
