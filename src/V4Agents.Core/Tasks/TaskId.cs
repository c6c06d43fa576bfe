namespace V4Agents.Core.Tasks;

/// <summary>The identity of one task: <c>t-</c> and 20 lower-case base-32 characters; safe in URLs, labels and file names.</summary>
public readonly record struct TaskId(string Value)
{
    public static bool IsValid(string? text) =>
        text is { Length: 22 } && text.StartsWith("t-", StringComparison.Ordinal) && text.AsSpan(2).IndexOfAnyExcept("abcdefghijklmnopqrstuvwxyz234567") < 0;

    public override string ToString() => Value;
}
