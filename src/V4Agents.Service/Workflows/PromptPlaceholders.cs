using System.Text.RegularExpressions;

namespace V4Agents.Service.Workflows;

/// <summary>Which placeholders each prompt has, and the faults of a text that uses others.</summary>
internal static partial class PromptPlaceholders
{
    private static readonly Dictionary<string, string[]> Known = new()
    {
        ["system"] = [],
        ["task"] = ["repository", "ref", "commit", "checks", "baseline", "triage", "issue", "pack"],
        ["triage"] = ["issue"],
        ["nudge"] = [],
        ["cut"] = [],
        ["gate_failed"] = ["verdict"],
    };

    /// <summary>Without these the model cannot know what it is asked.</summary>
    private static readonly Dictionary<string, string[]> Needed = new()
    {
        ["task"] = ["issue", "checks"],
        ["triage"] = ["issue"],
        ["gate_failed"] = ["verdict"],
    };

    public static IEnumerable<WorkflowFault> Check(string prompt, string text, YamlPlace place)
    {
        var found = new HashSet<string>();
        foreach (Match match in Opening().Matches(text))
        {
            var name = match.Groups["name"].Value;
            var at = place.IsBlock ? place with { Line = place.Line + 1 + text.AsSpan(0, match.Index).Count('\n') } : place;
            if (!match.Groups["close"].Success)
            {
                yield return new WorkflowFault(at, "'{{' does not open a placeholder like {{issue}}");
            }
            else if (!Known[prompt].Contains(name))
            {
                var known = Known[prompt].Length == 0 ? "it has none" : $"it has {string.Join(", ", Known[prompt])}";
                yield return new WorkflowFault(at, $"the prompt '{prompt}' has no placeholder '{name}'; {known}");
            }

            found.Add(name);
        }

        foreach (var missing in Needed.GetValueOrDefault(prompt, []).Where(name => !found.Contains(name)))
        {
            yield return new WorkflowFault(place, $"the prompt '{prompt}' must use {{{{{missing}}}}}");
        }
    }

    [GeneratedRegex(@"\{\{\s*(?<name>[a-z_]*)\s*(?<close>\}\})?")]
    private static partial Regex Opening();
}
