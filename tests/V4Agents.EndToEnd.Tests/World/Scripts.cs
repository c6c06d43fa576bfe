namespace V4Agents.EndToEnd.Tests.World;

/// <summary>Scenarios for the simulator, and the repository they are about.</summary>
internal static class Scripts
{
    public const string Check = "grep -qx 2 value.txt";

    private const string Triage = """{"kind":"bug","difficulty":"low","summary":"The value is wrong.","areas":["value.txt"]}""";

    public static readonly (string Path, string Content)[] Repository = [("value.txt", "1\n"), ("README.md", "# Values\n")];

    /// <summary>Each turn is a YAML mapping in flow or block style, indented as a list item's content.</summary>
    public static string Of(params string[] turns) =>
        $"""
        scenarios:
          - name: test
            triage:
              - content: '{Triage}'
            solver:
        {string.Concat(turns.Select(turn => $"      - {turn.ReplaceLineEndings("\n        ")}\n"))}
        """;

    public static string Call(string tool, string arguments) => $$"""tool_calls: [{name: {{tool}}, arguments: {{arguments}}}]""";

    public static string Bash(string command) => Call("bash", $"{{command: '{command}'}}");

    public static string Fix() => Call("edit", "{path: value.txt, old_string: '1', new_string: '2'}");

    public static string Submit() => Call("submit", "{summary: The value is two.}");

    public static string GreenPatch() => Of(Bash("cat value.txt"), Fix(), Submit());
}
