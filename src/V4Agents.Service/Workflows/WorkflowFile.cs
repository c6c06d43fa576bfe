using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using NJsonSchema;
using NJsonSchema.Validation;
using V4Agents.Core.Budgets;
using V4Agents.Core.Workflows;

namespace V4Agents.Service.Workflows;

/// <summary>Reads workflow files: YAML, checked against <c>workflows/workflow.schema.json</c>. All faults are reported at once, each with its place.</summary>
internal sealed class WorkflowFile : IWorkflowReader
{
    private const int MaxBytes = 1_000_000;

    /// <summary>For files from before the field existed, which tasks have pinned.</summary>
    private static readonly TimeSpan DefaultApprovalTimeout = TimeSpan.FromDays(7);

    private readonly JsonSchema _schema;

    private WorkflowFile(JsonSchema schema) => _schema = schema;

    public static async Task<WorkflowFile> LoadAsync(CancellationToken cancellationToken) =>
        new(await JsonSchema.FromJsonAsync(WorkflowLibrary.Schema, cancellationToken));

    public Workflow Read(ReadOnlyMemory<byte> yaml)
    {
        var faults = new List<WorkflowFault>();
        var tree = YamlTree.Parse(Decode(yaml, faults), faults);
        if (faults.Count == 0 && tree.Root is not JsonObject)
        {
            faults.Add(new WorkflowFault(tree.PlaceOf(""), "a workflow is a mapping of fields to values"));
        }

        if (tree.Root is JsonObject root)
        {
            faults.AddRange(_schema.Validate(root.ToJsonString()).Select(error => Describe(error, tree)));
            faults.AddRange(Placeholders(root, tree));
        }

        return faults.Count == 0
            ? Build((JsonObject)tree.Root!)
            : throw new WorkflowException(
                "The workflow file is refused:\n"
                + string.Join('\n', faults.Distinct().OrderBy(fault => fault.Place.Line).ThenBy(fault => fault.Place.Column).Select(fault => $"  {fault}")));
    }

    private static string Decode(ReadOnlyMemory<byte> yaml, List<WorkflowFault> faults)
    {
        var start = new YamlPlace(1, 1, IsBlock: false);
        if (yaml.Length > MaxBytes)
        {
            throw new WorkflowException($"The workflow file is refused: it has {yaml.Length} bytes, more than {MaxBytes}.");
        }

        try
        {
            var text = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true).GetString(yaml.Span).TrimStart('\uFEFF');
            var lines = text.Split('\n');
            for (var i = 0; i < lines.Length; i++)
            {
                var indent = lines[i].AsSpan(0, lines[i].Length - lines[i].AsSpan().TrimStart(" \t").Length);
                if (indent.IndexOf('\t') is var tab and >= 0)
                {
                    faults.Add(new WorkflowFault(start with { Line = i + 1, Column = tab + 1 }, "a tab stands in the indentation; YAML wants spaces"));
                }
            }

            return text;
        }
        catch (DecoderFallbackException)
        {
            throw new WorkflowException("The workflow file is refused: it is not UTF-8 text.");
        }
    }

    private static IEnumerable<WorkflowFault> Placeholders(JsonObject root, YamlTree tree)
    {
        if (root["prompts"] is not JsonObject prompts)
        {
            yield break;
        }

        foreach (var name in new[] { "system", "task", "triage", "nudge", "cut", "gate_failed" })
        {
            if (prompts[name] is JsonValue value && value.TryGetValue<string>(out var text))
            {
                foreach (var fault in PromptPlaceholders.Check(name, text, tree.PlaceOf($"prompts.{name}")))
                {
                    yield return fault;
                }
            }
        }
    }

    private static WorkflowFault Describe(ValidationError error, YamlTree tree)
    {
        var path = (error.Path ?? "").TrimStart('#').TrimStart('/');
        return new WorkflowFault(tree.PlaceOf(path), error.Kind switch
        {
            ValidationErrorKind.PropertyRequired => $"'{path}' is missing",
            ValidationErrorKind.NoAdditionalPropertiesAllowed => $"'{path}' is not a field of a workflow",
            ValidationErrorKind.IntegerExpected => $"'{path}' must be a whole number",
            ValidationErrorKind.NumberExpected => $"'{path}' must be a number",
            ValidationErrorKind.StringExpected => $"'{path}' must be text",
            ValidationErrorKind.ObjectExpected => $"'{path}' must be a mapping",
            ValidationErrorKind.NumberTooSmall => $"'{path}' is too small{Bound("at least", error.Schema.Minimum ?? error.Schema.ExclusiveMinimum)}",
            ValidationErrorKind.NumberTooBig => $"'{path}' is too large{Bound("at most", error.Schema.Maximum)}",
            ValidationErrorKind.StringTooShort => $"'{path}' is empty",
            ValidationErrorKind.StringTooLong => $"'{path}' is too long",
            ValidationErrorKind.PatternMismatch when error.Schema.Pattern?.EndsWith("[smh]$", StringComparison.Ordinal) is true =>
                $"'{path}' must be a duration: a whole number with s, m or h, like 300s, 5m or 2h",
            ValidationErrorKind.PatternMismatch => $"'{path}' must match {error.Schema.Pattern}",
            _ => $"'{path}' is wrong ({error.Kind})",
        });
    }

    private static string Bound(string words, decimal? bound) =>
        bound is { } value ? string.Create(CultureInfo.InvariantCulture, $" ({words} {value})") : "";

    private static Workflow Build(JsonObject root)
    {
        var budget = root["budget"]!;
        var prompts = root["prompts"]!;
        string Prompt(string name) => prompts[name]!.GetValue<string>();
        return new Workflow(
            root["name"]!.GetValue<string>(),
            new Budget(Whole(budget["steps"]!), Number(budget["usd"]!), Duration(budget["wall_time"]!)),
            Whole(root["gate_attempts"]!), Whole(root["nudges"]!), Whole(root["model_attempts"]!),
            Duration(root["call_timeout"]!), Duration(root["check_timeout"]!),
            root["approval_timeout"] is { } timeout ? Duration(timeout) : DefaultApprovalTimeout, Whole(root["pack_bytes"]!),
            new WorkflowPrompts(Prompt("system"), Prompt("task"), Prompt("triage"), Prompt("nudge"), Prompt("cut"), Prompt("gate_failed")));
    }

    private static int Whole(JsonNode value) => checked((int)value.GetValue<long>());

    private static decimal Number(JsonNode value) =>
        value.AsValue().TryGetValue<decimal>(out var number) ? number : value.GetValue<long>();

    private static TimeSpan Duration(JsonNode value)
    {
        var text = value.GetValue<string>();
        var number = int.Parse(text.AsSpan(0, text.Length - 1), CultureInfo.InvariantCulture);
        return text[^1] switch
        {
            's' => TimeSpan.FromSeconds(number),
            'm' => TimeSpan.FromMinutes(number),
            _ => TimeSpan.FromHours(number),
        };
    }
}
