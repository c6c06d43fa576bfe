using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace V4Agents.Service.Workflows;

/// <summary>
/// YAML's safe part as JSON, with the place of every value. Anchors, aliases and tags are refused: a workflow needs none, and aliases can
/// make a small file large.
/// </summary>
internal sealed partial class YamlTree
{
    private const int MaxDepth = 16;

    private readonly Dictionary<string, YamlPlace> _places = new(StringComparer.Ordinal);
    private readonly List<WorkflowFault> _faults;

    private YamlTree(List<WorkflowFault> faults) => _faults = faults;

    public JsonNode? Root { get; private set; }

    public static YamlTree Parse(string text, List<WorkflowFault> faults)
    {
        var tree = new YamlTree(faults);
        try
        {
            var parser = new Parser(new StringReader(text));
            parser.Consume<StreamStart>();
            if (parser.TryConsume<DocumentStart>(out _))
            {
                tree.Root = tree.Read(parser, path: "", depth: 0);
                parser.Consume<DocumentEnd>();
                if (parser.Accept<DocumentStart>(out var second))
                {
                    faults.Add(new WorkflowFault(YamlPlace.Of(second.Start), "a second document starts here; a workflow file holds one"));
                }
            }
        }
        catch (YamlException e)
        {
            faults.Add(new WorkflowFault(YamlPlace.Of(e.Start), $"not YAML: {e.Message}"));
        }

        return tree;
    }

    /// <summary>Where the value at a path like <c>budget.steps</c> or <c>checks[0]</c> stands, or the nearest value around it.</summary>
    public YamlPlace PlaceOf(string path)
    {
        while (!_places.ContainsKey(path) && path.Length > 0)
        {
            path = path[..Math.Max(0, path.LastIndexOfAny(['.', '[']))];
        }

        return _places.GetValueOrDefault(path, new YamlPlace(1, 1, IsBlock: false));
    }

    private JsonNode? Read(IParser parser, string path, int depth)
    {
        if (parser.Current is NodeEvent node && (!node.Anchor.IsEmpty || !node.Tag.IsEmpty))
        {
            _faults.Add(new WorkflowFault(YamlPlace.Of(node.Start), "anchors and tags are not allowed"));
        }

        if (depth > MaxDepth)
        {
            throw new YamlException(parser.Current!.Start, parser.Current.End, $"values are nested more than {MaxDepth} deep");
        }

        if (parser.TryConsume<Scalar>(out var scalar))
        {
            _places.TryAdd(path, YamlPlace.Of(scalar.Start) with { IsBlock = scalar.Style is ScalarStyle.Literal or ScalarStyle.Folded });
            return ValueOf(scalar);
        }

        _places.TryAdd(path, YamlPlace.Of(parser.Current!.Start));
        if (parser.TryConsume<MappingStart>(out _))
        {
            return ReadMapping(parser, path, depth);
        }

        if (parser.TryConsume<SequenceStart>(out _))
        {
            var items = new JsonArray();
            while (!parser.TryConsume<SequenceEnd>(out _))
            {
                items.Add(Read(parser, $"{path}[{items.Count}]", depth + 1));
            }

            return items;
        }

        throw new YamlException(parser.Current.Start, parser.Current.End, "aliases are not allowed");
    }

    private JsonObject ReadMapping(IParser parser, string path, int depth)
    {
        var members = new JsonObject();
        while (!parser.TryConsume<MappingEnd>(out _))
        {
            var key = parser.Consume<Scalar>();
            var value = Read(parser, path.Length == 0 ? key.Value : $"{path}.{key.Value}", depth + 1);
            if (!members.TryAdd(key.Value, value))
            {
                _faults.Add(new WorkflowFault(YamlPlace.Of(key.Start), $"the key '{key.Value}' stands here a second time"));
            }
        }

        return members;
    }

    private static JsonNode? ValueOf(Scalar scalar) => scalar switch
    {
        { Style: not ScalarStyle.Plain } => JsonValue.Create(scalar.Value),
        { Value: "" or "~" or "null" } => null,
        { Value: "true" } => JsonValue.Create(true),
        { Value: "false" } => JsonValue.Create(false),
        _ when Number().IsMatch(scalar.Value) && decimal.TryParse(scalar.Value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) =>
            number == decimal.Truncate(number) && Math.Abs(number) < long.MaxValue ? JsonValue.Create((long)number) : JsonValue.Create(number),
        _ => JsonValue.Create(scalar.Value),
    };

    [GeneratedRegex(@"^[-+]?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?$")]
    private static partial Regex Number();
}
