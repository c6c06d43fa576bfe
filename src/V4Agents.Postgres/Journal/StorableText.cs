using System.Text;
using System.Text.RegularExpressions;

namespace V4Agents.Postgres.Journal;

/// <summary>
/// PostgreSQL stores neither a zero character nor half a surrogate pair. Text from models and commands may hold the one, and text that was cut the
/// other: both become U+FFFD.
/// </summary>
internal static partial class StorableText
{
    public static string Plain(string text)
    {
        var storable = text.Replace('\0', '\uFFFD');
        return storable.AsSpan().IndexOfAnyInRange('\uD800', '\uDFFF') < 0 ? storable : Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(storable));
    }

    /// <param name="json">JSON text, in which a zero character is the escape <c>\u0000</c> and the serializer has replaced broken surrogates.</param>
    public static string Json(string json) =>
        json.Contains(@"\u0000", StringComparison.Ordinal) ? EscapedZero().Replace(json, @"$1\uFFFD") : json;

    /// <summary>An even number of backslashes before the escape: an odd number would make it the text "\u0000".</summary>
    [GeneratedRegex(@"(?<!\\)((?:\\\\)*)\\u0000")]
    private static partial Regex EscapedZero();
}
