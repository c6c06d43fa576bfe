using System.Text;

namespace V4Agents.Core.Prompts;

/// <summary>Texts with <c>{{name}}</c> placeholders. What is put in is never read as a template again.</summary>
public static class PromptTemplate
{
    public static string Fill(string template, IReadOnlyDictionary<string, string> values)
    {
        var text = new StringBuilder(template.Length);
        var rest = template.AsSpan();
        while (rest.IndexOf("{{") is var open and >= 0)
        {
            text.Append(rest[..open]);
            var close = rest[open..].IndexOf("}}");
            if (close < 0)
            {
                rest = rest[open..];
                break;
            }

            var name = rest.Slice(open + 2, close - 2).Trim().ToString();
            text.Append(values.TryGetValue(name, out var value)
                ? value
                : throw new ArgumentException($"The template has a placeholder {{{{{name}}}}} that nothing fills.", nameof(template)));
            rest = rest[(open + close + 2)..];
        }

        return text.Append(rest).ToString();
    }
}
