using System.Buffers;

namespace V4Agents.Git.Mirrors;

/// <summary>Refs as people write them, and what to say when one is not there.</summary>
internal static class RefName
{
    private const int Suggestions = 5;

    /// <summary>Space, wildcards and <c>:</c> (which would name a file or a search) never belong to a commit's name.</summary>
    private static readonly SearchValues<char> Refused = SearchValues.Create(" \\:?*[");

    private static readonly SearchValues<char> Operators = SearchValues.Create("~^@");

    public static bool IsUsable(string reference) =>
        reference.Length is > 0 and <= 1024 && reference[0] != '-' && !reference.Any(char.IsControl) && reference.AsSpan().IndexOfAny(Refused) < 0;

    public static bool MayBeCommitId(string reference) =>
        reference.Length is >= 4 and <= 40 && reference.All(char.IsAsciiHexDigit);

    /// <summary><c>main</c> for <c>main~2</c>; null when the ref is no expression.</summary>
    public static string? BaseOf(string reference) =>
        reference.AsSpan(1).IndexOfAny(Operators) is var at and >= 0 ? reference[..(at + 1)] : null;

    public static string NotFound(string display, string reference, IEnumerable<string> existing)
    {
        var names = existing.Distinct(StringComparer.Ordinal).Take(10_000)
            .Select(name => (Name: name, Distance: Distance(reference, name)))
            .OrderBy(pair => pair.Distance).ThenBy(pair => pair.Name, StringComparer.Ordinal).ToList();
        var similar = names.Where(pair => pair.Distance <= Math.Max(2, reference.Length / 3)).ToList();
        var hint = (similar.Count, names.Count) switch
        {
            ( > 0, _) => $" Did you mean {List(similar.Select(pair => pair.Name))}?",
            (_, > 0) => $" It has {List(names.Select(pair => pair.Name))}{(names.Count > Suggestions ? " and more" : "")}.",
            _ => "",
        };
        return $"'{reference}' names no commit in {display}.{hint}";
    }

    private static string List(IEnumerable<string> names) => string.Join(", ", names.Take(Suggestions).Select(name => $"'{name}'"));

    /// <summary>Edit distance without regard to case; 0 too when one contains the other.</summary>
    private static int Distance(string a, string b)
    {
        if (a.Length > 2 && (b.Contains(a, StringComparison.OrdinalIgnoreCase) || a.EndsWith("/" + b, StringComparison.OrdinalIgnoreCase)))
        {
            return 0;
        }

        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var replaced = diagonal + (char.ToLowerInvariant(a[i - 1]) == char.ToLowerInvariant(b[j - 1]) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(replaced, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[^1];
    }
}
