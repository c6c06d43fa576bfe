using System.Text.RegularExpressions;

namespace V4Agents.Postgres.Journal;

/// <summary>PostgreSQL stores no zero character, and text from models and commands may hold one: it becomes U+FFFD, as broken UTF-8 does.</summary>
internal static partial class StorableText
{
    public static string Plain(string text) => text.Replace('\0', '\uFFFD');

    /// <param name="json">JSON text, in which a zero character is the escape <c>\u0000</c>.</param>
    public static string Json(string json) =>
        json.Contains(@"\u0000", StringComparison.Ordinal) ? EscapedZero().Replace(json, @"$1\uFFFD") : json;

    /// <summary>An even number of backslashes before the escape: an odd number would make it the text "\u0000".</summary>
    [GeneratedRegex(@"(?<!\\)((?:\\\\)*)\\u0000")]
    private static partial Regex EscapedZero();
}
