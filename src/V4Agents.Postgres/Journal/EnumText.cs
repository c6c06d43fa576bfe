using System.Text.Json;

namespace V4Agents.Postgres.Journal;

/// <summary>Enum values as the snake-case names that events and the API use.</summary>
internal static class EnumText<T>
    where T : struct, Enum
{
    private static readonly Dictionary<T, string> Texts =
        Enum.GetValues<T>().ToDictionary(value => value, value => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString()));

    private static readonly Dictionary<string, T> Values = Texts.ToDictionary(pair => pair.Value, pair => pair.Key);

    public static string Of(T value) => Texts[value];

    public static T Parse(string text) => Values[text];
}
