using System.Buffers;

namespace V4Agents.Models.Answers;

/// <summary>A call's name as part of a file name: the characters allowed cannot lead out of a directory.</summary>
internal static class AnswerKey
{
    private const int MaxLength = 200;

    private static readonly SearchValues<char> Allowed =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-.");

    /// <exception cref="ArgumentException">The key is no name of a call. It is not repeated: it may be anything.</exception>
    public static string Checked(string key) => key.Length is > 0 and <= MaxLength && !key.AsSpan().ContainsAnyExcept(Allowed)
        ? key
        : throw new ArgumentException($"The key of a call is 1 to {MaxLength} letters, digits, '-' and '.'.", nameof(key));
}
