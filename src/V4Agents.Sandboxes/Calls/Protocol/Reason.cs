namespace V4Agents.Sandboxes.Calls.Protocol;

/// <summary>Why something failed, short enough for a frame's header, a log and a person: it may quote what the work tree holds.</summary>
internal static class Reason
{
    public const int MaxLength = 1000;

    public static string Bound(string reason)
    {
        if (reason.Length <= MaxLength)
        {
            return reason;
        }

        // Not half a character at the end.
        var length = char.IsHighSurrogate(reason[MaxLength - 2]) ? MaxLength - 2 : MaxLength - 1;
        return reason[..length] + "…";
    }
}
